with

checks as (

    select * from {{ ref('fct_condition_check') }}

)

select
    city,
    year,
    year_date,
    school_code,
    county_code,
    city_code,
    province_code,
    is_monitored,
    count(*) as conditions,
    count(case when is_met then 1 end) as conditions_met,
    count(case when not is_met then 1 end) as conditions_missed,
    {{ is_meeting_all() }} as is_meeting_all
from checks
group by
    city, year, year_date, school_code, county_code, city_code, province_code, is_monitored
