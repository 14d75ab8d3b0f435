select *
from {{ source('raw', 'receipts') }}
