with

cells as (

    select * from {{ ref('fct_cell') }}

),

passed as (

    select * from {{ ref('city_years_passed') }}

)

select cells.*
from cells
left join passed
    on
        cells.city = passed.city
        and cells.filed_year = passed.year
where passed.city is not null or cells.school_code is not null
