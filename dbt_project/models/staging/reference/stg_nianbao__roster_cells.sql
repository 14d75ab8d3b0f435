select *
from {{ source('reference', 'roster_cells') }}
