select *
from {{ source('reference', 'deadlines') }}
