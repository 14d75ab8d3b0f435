select *
from {{ source('reference', 'exclusions') }}
