select *
from {{ source('reference', 'form_columns') }}
