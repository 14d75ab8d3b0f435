select *
from {{ source('reference', 'claims') }}
