with

contributions as (

    {{ contributions_by_class() }}

)

select
    city,
    year,
    school_code,
    measure,
    breakdown,
    class_code,
    row_no,
    quantity,
    counted
from contributions
