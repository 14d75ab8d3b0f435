with

contributions as (

    select * from {{ ref('fct_contribution') }}

),

passed as (

    select * from {{ ref('city_years_passed') }}

)

select contributions.*
from contributions
inner join passed
    on
        contributions.city = passed.city
        and contributions.year = passed.year
