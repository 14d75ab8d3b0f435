select *
from {{ source('reference', 'rosters') }}
