select *
from {{ source('raw', 'receipt_sheets') }}
