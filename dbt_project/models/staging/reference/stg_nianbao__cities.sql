select *
from {{ source('reference', 'cities') }}
