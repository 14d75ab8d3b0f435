select *
from {{ source('reference', 'codes') }}
