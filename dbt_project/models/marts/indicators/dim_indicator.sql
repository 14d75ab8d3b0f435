with

indicators as (

    select * from {{ ref('int_indicators_declared') }}

),

populations as (

    select * from {{ ref('populations') }}

)

select
    indicators.*,
    populations.name_zh as population_name_zh,
    populations.name_en as population_name_en,
    {{ years_before_of('indicators.population') }} as years_before
from indicators
left join populations on indicators.population = populations.population
