with

filed as (

    select * from {{ ref('fct_bureau') }}

),

passed as (

    select * from {{ ref('city_years_passed') }}

)

select filed.*
from filed
left join passed
    on
        filed.city = passed.city
        and filed.year = passed.year
where passed.city is not null
