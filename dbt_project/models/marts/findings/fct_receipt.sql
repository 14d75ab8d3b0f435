with

receipts as (

    select * from {{ ref('stg_nianbao__receipts') }}

)

select
    submission_id,
    sheet,
    range,
    column_id,
    typed,
    read,
    outcome,
    kind
from receipts
