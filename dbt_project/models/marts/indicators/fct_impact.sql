with

held as (

    {{ measures_held_by_schools() }}

),

definitions as (

    select * from {{ ref('dim_indicator') }}
    where filed_by = 'school'

),

figures as (

    select * from {{ ref('fct_indicator') }}
    where area_level = 'city'

),

parts as (

    select
        *,
        count(*) over (partition by year, city_code, measure) = 1 as is_all
    from held

),

schools as (

    select distinct
        year,
        city_code,
        school_code
    from parts
    where school_code is not null

),

-- Exact, as the totals are: the same submissions without the school must give the same figure.
remaining as (

    select
        figures.city,
        figures.year,
        schools.school_code,
        figures.indicator_id,
        figures.value,
        definitions.denominator is not null as is_ratio,
        definitions.scale,
        case
            when numerators.is_all is not true
                then
                    cast(
                        cast(figures.numerator as decimal(38, 6)) - coalesce(numerators.held, 0)
                        as double
                    )
        end as numerator,
        case
            when denominators.is_all is not true
                then
                    cast(
                        cast(figures.denominator as decimal(38, 6)) - coalesce(denominators.held, 0)
                        as double
                    )
        end as denominator
    from figures
    inner join definitions on figures.indicator_id = definitions.indicator_id
    inner join schools
        on figures.area_code = schools.city_code and figures.year = schools.year
    left join parts as numerators
        on
            schools.school_code = numerators.school_code
            and figures.area_code = numerators.city_code
            and figures.year = numerators.year
            and definitions.numerator = numerators.measure
    left join parts as denominators
        on
            schools.school_code = denominators.school_code
            and figures.area_code = denominators.city_code
            and figures.year = denominators.year
            and definitions.denominator = denominators.measure
    -- A school without a part in a figure cannot move it, and has no row.
    where numerators.held is not null or denominators.held is not null

),

compared as (

    select
        *,
        case
            when is_ratio then scale * numerator / nullif(denominator, 0)
            else numerator
        end as value_without
    from remaining

)

select
    city,
    year,
    school_code,
    indicator_id,
    value,
    value_without,
    value_without - value as change,
    100 * (value_without - value) / abs(nullif(value, 0)) as change_pct
from compared
