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

),

held_back as (

    select
        cities.parent_code as province_code,
        years.year
    from cities
    cross join years
    left join passed
        on
            cities.city = passed.city
            and years.year = passed.year
    where passed.city is null

)

select
    'province' as area_level,
    province_code as area_code,
    year
from held_back
union
select
    'country' as area_level,
    '000000' as area_code,
    year
from held_back
