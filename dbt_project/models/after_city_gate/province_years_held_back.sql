with

cities as (

    select * from {{ ref('dim_area') }}
    where area_level = 'city'

),

years as (

    select distinct year from {{ ref('fct_indicator') }}

),

passed as (

    select * from {{ ref('city_years_passed') }}

)

select distinct
    cities.parent_code as area_code,
    years.year
from cities
cross join years
left join passed
    on
        cities.city = passed.city
        and years.year = passed.year
where passed.city is null
