with

cells as (

    select * from {{ ref('trace_cells') }}

),

figures as (

    select * from {{ ref('city_yearly_metrics') }}

),

indicators as (

    select * from {{ ref('dim_indicator') }}

),

figures_of_schools as (

    select * from {{ ref('fct_indicator') }}
    where area_level = 'school' and schools_counted > 0

),

not_counted as (

    select * from {{ ref('fct_school_not_counted') }}

),

schools as (

    select * from {{ ref('dim_school') }}

),

schools_before as (

    select * from {{ ref('fct_roster_before') }}

),

parts as (

    select
        indicator_id,
        'numerator' as part,
        numerator as measure
    from indicators
    union all
    select
        indicator_id,
        'denominator' as part,
        denominator as measure
    from indicators
    where denominator is not null

),

-- A row adds once, however many cells of it are read.
filed_rows as (

    select distinct
        city,
        year,
        indicator_id,
        part,
        measure,
        school_code,
        row_no,
        aggregation,
        quantity,
        counted
    from cells
    where breakdown is null

),

valued as (

    select
        city,
        year,
        indicator_id,
        part,
        measure,
        school_code,
        case
            when aggregation = 'sum' then cast(sum(cast(quantity as decimal(38, 6))) as double)
            else cast(count(distinct counted) as double)
        end as value
    from filed_rows
    group by city, year, indicator_id, part, measure, school_code, aggregation

),

-- Every school that a figure could be of, counted or not.
listed as (

    select
        city,
        year,
        indicator_id,
        area_code as school_code,
        true as is_counted,
        null as reason
    from figures_of_schools
    union all
    select
        city,
        year,
        indicator_id,
        school_code,
        false as is_counted,
        reason
    from not_counted

),

listed_by_part as (

    select
        listed.city,
        listed.year,
        listed.indicator_id,
        parts.part,
        parts.measure,
        listed.school_code,
        listed.is_counted,
        listed.reason
    from listed
    inner join figures
        on
            listed.city = figures.city
            and listed.year = figures.year
            and listed.indicator_id = figures.indicator_id
    inner join parts on listed.indicator_id = parts.indicator_id

),

joined as (

    select
        coalesce(listed_by_part.city, valued.city) as city,
        coalesce(listed_by_part.year, valued.year) as year,
        coalesce(listed_by_part.indicator_id, valued.indicator_id) as indicator_id,
        coalesce(listed_by_part.part, valued.part) as part,
        coalesce(listed_by_part.measure, valued.measure) as measure,
        coalesce(listed_by_part.school_code, valued.school_code) as school_code,
        valued.value,
        -- What a bureau filed is the figure.
        coalesce(listed_by_part.is_counted, case when valued.school_code is null then true end)
            as is_counted,
        listed_by_part.reason as not_counted_because
    from listed_by_part
    full outer join valued
        on
            listed_by_part.city = valued.city
            and listed_by_part.year = valued.year
            and listed_by_part.indicator_id = valued.indicator_id
            and listed_by_part.part = valued.part
            and listed_by_part.school_code = valued.school_code

)

select
    joined.city,
    joined.year,
    joined.indicator_id,
    joined.part,
    joined.measure,
    joined.school_code,
    coalesce(schools.school_name, schools_before.school_name) as school_name,
    case when coalesce(joined.is_counted, true) then joined.value end as value,
    joined.is_counted,
    joined.not_counted_because
from joined
left join schools
    on
        joined.city = schools.city
        and joined.year = schools.year
        and joined.school_code = schools.school_code
left join schools_before
    on
        joined.city = schools_before.city
        and joined.year = schools_before.year
        and joined.school_code = schools_before.school_code
