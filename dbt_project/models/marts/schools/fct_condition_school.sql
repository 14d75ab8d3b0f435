with

checks as (

    select * from {{ ref('fct_condition_check') }}

),

by_school as (

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
        case
            when count(case when not is_met then 1 end) > 0 then false
            when count(is_met) = count(*) then true
        end as is_meeting_all
    from checks
    group by
        city, year, year_date, school_code, county_code, city_code, province_code, is_monitored

)

select
    current_year.city,
    current_year.year,
    current_year.year_date,
    current_year.school_code,
    current_year.county_code,
    current_year.city_code,
    current_year.province_code,
    current_year.is_monitored,
    current_year.conditions,
    current_year.conditions_met,
    current_year.conditions_missed,
    current_year.is_meeting_all,
    year_before.is_monitored as was_monitored,
    year_before.is_meeting_all as was_meeting_all
from by_school as current_year
left join by_school as year_before
    on
        current_year.city = year_before.city
        and current_year.school_code = year_before.school_code
        and current_year.year = year_before.year + 1
