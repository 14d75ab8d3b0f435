with

receipts as (

    select * from {{ ref('stg_nianbao__receipts') }}

)

select distinct
    submission_id,
    sheet,
    range,
    column_id,
    typed,
    read,
    outcome,
    kind
from receipts
