with

divisions as (

    select * from {{ ref('divisions') }}

),

cities as (

    select * from {{ ref('stg_nianbao__cities') }}

),

rosters as (

    select * from {{ ref('stg_nianbao__rosters') }}

),

schools as (

    select
        school_code,
        max_by(school_name, year) as school_name,
        max_by(county_code, year) as county_code,
        max_by(city, year) as city
    from rosters
    group by school_code

),

rostered_counties as (

    select
        rosters.county_code,
        max(cities.city_code) as city_code
    from rosters
    inner join cities on rosters.city = cities.city
    where rosters.county_code is not null
    group by rosters.county_code

),

known_counties as (

    select
        divisions.code as county_code,
        divisions.name as county_name,
        divisions.city_code
    from divisions
    inner join cities on divisions.city_code = cities.city_code

),

-- A county that a roster names and no configured city has still has its schools' figures.
counties as (

    select
        county_code,
        county_name,
        city_code
    from known_counties
    union all
    select
        rostered_counties.county_code,
        divisions.name as county_name,
        rostered_counties.city_code
    from rostered_counties
    left join known_counties on rostered_counties.county_code = known_counties.county_code
    left join divisions on rostered_counties.county_code = divisions.code
    where known_counties.county_code is null

),

provinces as (

    select distinct
        province_code,
        province_name_zh
    from cities

),

unioned as (

    select
        'school' as area_level,
        school_code as area_code,
        school_name as area_name,
        county_code as parent_code,
        city
    from schools
    union all
    select
        'county' as area_level,
        counties.county_code as area_code,
        counties.county_name as area_name,
        counties.city_code as parent_code,
        cities.city
    from counties
    inner join cities on counties.city_code = cities.city_code
    union all
    select
        'city' as area_level,
        city_code as area_code,
        name_zh as area_name,
        province_code as parent_code,
        city
    from cities
    union all
    select
        'province' as area_level,
        province_code as area_code,
        province_name_zh as area_name,
        '000000' as parent_code,
        {{ text(none) }} as city
    from provinces
    union all
    select
        'country' as area_level,
        '000000' as area_code,
        '全国' as area_name,
        {{ text(none) }} as parent_code,
        {{ text(none) }} as city

)

select * from unioned
