with

figures as (

    select * from {{ ref('fct_indicator_breakdown') }}

),

passed as (

    select * from {{ ref('city_years_passed') }}

),

provinces as (

    select * from {{ ref('province_years_held_back') }}

),

years as (

    select distinct year from provinces

)

select
    figures.* replace (
        case
            -- A city's figures are those of its counties, and its province's are made of them.
            when figures.area_level in ('county', 'city') and passed.city is null then 'withheld'
            when figures.area_level = 'province' and provinces.area_code is not null
                then 'withheld'
            when
                figures.area_level = 'country'
                and years.year is not null
                then 'withheld'
            else figures.status
        end as status
    )
from figures
left join passed
    on
        figures.city = passed.city
        and figures.year = passed.year
left join provinces
    on
        figures.area_code = provinces.area_code
        and figures.year = provinces.year
left join years on figures.year = years.year
