select *
from {{ source('raw', 'problems') }}
