select *
from {{ source('reference', 'standards') }}
