with

declared as (

    select * from {{ ref('province_cities') }}

),

cities as (

    select * from {{ ref('stg_nianbao__cities') }}

),

without_schools as (

    select * from {{ ref('stg_nianbao__cities_without_schools') }}

),

accepted as (

    select distinct
        city,
        year
    from {{ ref('int_submissions_accepted') }}
    where filed_by = 'school'

),

years as (

    select distinct year from accepted

),

-- A home may have a city that no list has.
expected as (

    select
        city_code,
        city_name,
        province_code,
        province_name
    from declared
    union all
    select
        cities.city_code,
        cities.name_zh as city_name,
        cities.province_code,
        cities.province_name_zh as province_name
    from cities
    left join declared on cities.city_code = declared.city_code
    where declared.city_code is null

)

select
    years.year,
    expected.province_code,
    expected.province_name,
    expected.city_code,
    expected.city_name,
    cities.city is not null as is_configured,
    accepted.city is not null as is_counted,
    without_schools.city_code is null as is_expected,
    without_schools.reason as not_expected_because
from expected
cross join years
left join cities on expected.city_code = cities.city_code
left join accepted on cities.city = accepted.city and years.year = accepted.year
left join without_schools
    on expected.city_code = without_schools.city_code and years.year = without_schools.year
