with

cities as (

    select * from {{ ref('dim_area') }}
    where area_level = 'city'

),

without_schools as (

    select * from {{ ref('fct_expected_city') }}
    where not is_expected

),

years as (

    select distinct year from {{ ref('fct_indicator') }}

),

passed as (

    select * from {{ ref('city_figures_passed') }}

),

indicators as (

    select * from {{ ref('dim_indicator') }}

),

held_back as (

    select
        cities.parent_code as province_code,
        years.year,
        indicators.indicator_id
    from cities
    cross join years
    cross join indicators
    left join passed
        on
            cities.city = passed.city
            and years.year = passed.year
            and indicators.indicator_id = passed.indicator_id
    left join without_schools
        on
            cities.area_code = without_schools.city_code
            and years.year - indicators.years_before = without_schools.year
    where passed.city is null and without_schools.city_code is null

)

select
    'province' as area_level,
    province_code as area_code,
    year,
    indicator_id
from held_back
union
select
    'country' as area_level,
    '000000' as area_code,
    year,
    indicator_id
from held_back
