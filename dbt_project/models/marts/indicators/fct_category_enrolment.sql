with

programmes as (

    select * from {{ ref('fct_programme') }}

),

areas as (

    select * from {{ ref('dim_area') }}

),

grouped as (

    select
        year,
        category_code,
        category_name,
        {{ area_code() }} as area_code,
        {{ area_level() }} as area_level,
        sum(enrolled) as enrolled,
        sum(entrants) as entrants,
        count(*) as offerings
    from programmes
    group by {{ each_area('year, category_code, category_name') }}

),

-- A major that belongs to no known category has a row and no rank: it is no category of its own.
ranked as (

    select
        *,
        case
            when category_code is not null
                then
                    rank() over (
                        partition by year, area_level, area_code, category_code is null
                        order by enrolled desc nulls last
                    )
        end as enrolled_rank
    from grouped
    where area_code is not null

)

select
    areas.city,
    ranked.year,
    ranked.area_level,
    ranked.area_code,
    ranked.category_code,
    ranked.category_name,
    cast(ranked.enrolled as bigint) as enrolled,
    cast(ranked.entrants as bigint) as entrants,
    cast(ranked.offerings as bigint) as offerings,
    cast(ranked.enrolled_rank as bigint) as enrolled_rank
from ranked
left join areas on ranked.area_level = areas.area_level and ranked.area_code = areas.area_code
