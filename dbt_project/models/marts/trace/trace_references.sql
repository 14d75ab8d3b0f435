with

sources as (

    select * from {{ ref('dim_measure_cell') }}
    where kind = 'reference'

)

select
    measure,
    form_table || '.' || column_name as place,
    label,
    years_before
from sources
