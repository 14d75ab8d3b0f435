with

figures as (

    select * from {{ ref('fct_indicator_breakdown') }}

),

passed as (

    select * from {{ ref('city_figures_passed') }}

),

held_back as (

    select * from {{ ref('area_figures_held_back') }}

)

select
    figures.* replace (
        case
            -- A city's figures are those of its counties, and its province's and the country's are made of them.
            when figures.area_level in ('county', 'city') and passed.city is null then 'withheld'
            when held_back.area_code is not null then 'withheld'
            else figures.status
        end as status
    )
from figures
left join passed
    on
        figures.city = passed.city
        and figures.year = passed.year
        and figures.indicator_id = passed.indicator_id
left join held_back
    on
        figures.area_level = held_back.area_level
        and figures.area_code = held_back.area_code
        and figures.year = held_back.year
        and figures.indicator_id = held_back.indicator_id
