with

contributions as (

    {{ contributions_of_rows() }}

)

select
    city,
    year,
    school_code,
    measure,
    row_no,
    quantity,
    counted
from contributions
