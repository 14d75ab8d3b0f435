with

cities as (

    select * from {{ ref('stg_nianbao__cities') }}

),

rosters as (

    select * from {{ ref('stg_nianbao__rosters') }}

),

without_schools as (

    select * from {{ ref('stg_nianbao__cities_without_schools') }}

),

submissions as (

    select * from {{ ref('stg_nianbao__submissions') }}

),

accepted as (

    select * from {{ ref('int_submissions_accepted') }}

),

exclusions as (

    select * from {{ ref('fct_exclusion') }}

),

metrics as (

    select * from {{ ref('city_yearly_metrics') }}

),

-- A year counts for every city as soon as any city expects or files something in it, so that a city
-- without roster, files or figures is seen to have none.
years as (

    select year from rosters
    union
    select year from submissions

),

schools_expected as (

    select
        city,
        year,
        count(*) as schools
    from rosters
    group by city, year

),

schools_accepted as (

    select
        city,
        year,
        count(case when filed_by = 'school' then 1 end) as schools,
        count(case when filed_by = 'bureau' then 1 end) as bureaus
    from accepted
    group by city, year

),

schools_excluded as (

    select
        city,
        year,
        count(*) as schools
    from exclusions
    group by city, year

),

figures as (

    select
        city,
        year,
        count(*) as indicators
    from metrics
    group by city, year

)

select
    cities.city,
    years.year,
    cities.name_zh,
    cities.name_en,
    coalesce(schools_expected.schools, 0) as schools_expected,
    coalesce(schools_accepted.schools, 0) as schools_accepted,
    coalesce(schools_excluded.schools, 0) as schools_excluded,
    coalesce(schools_accepted.schools, 0) + coalesce(schools_excluded.schools, 0) as schools_accounted_for,
    coalesce(schools_accepted.bureaus, 0) as bureau_forms_accepted,
    coalesce(figures.indicators, 0) as indicators,
    without_schools.city_code is not null as is_without_schools
from cities
cross join years
left join schools_expected
    on cities.city = schools_expected.city and years.year = schools_expected.year
left join schools_accepted
    on cities.city = schools_accepted.city and years.year = schools_accepted.year
left join schools_excluded
    on cities.city = schools_excluded.city and years.year = schools_excluded.year
left join figures on cities.city = figures.city and years.year = figures.year
left join without_schools
    on cities.city_code = without_schools.city_code and years.year = without_schools.year
