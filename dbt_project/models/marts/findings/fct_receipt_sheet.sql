with

receipt_sheets as (

    select * from {{ ref('stg_nianbao__receipt_sheets') }}

)

select
    submission_id,
    sheet,
    label_cells,
    read_cells,
    converted_cells,
    passed_over_cells,
    not_read_cells
from receipt_sheets
