select *
from {{ source('reference', 'printed') }}
