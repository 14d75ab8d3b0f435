with

contributions as (

    select * from {{ ref('fct_contribution') }}

),

passed as (

    select * from {{ ref('city_years_passed') }}

)

select contributions.*
from contributions
left join passed
    on
        contributions.city = passed.city
        and contributions.year = passed.year
where passed.city is not null or contributions.school_code is not null
