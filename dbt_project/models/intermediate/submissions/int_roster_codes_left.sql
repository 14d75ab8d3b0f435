with

keyed as (

    select
        *,
        {{ name_key('school_name') }} as name_key
    from {{ ref('stg_nianbao__rosters') }}

),

-- Beside its key what a name has of its own: not that it is a vocational school, in whatever words.
rosters as (

    select
        *,
        regexp_replace(
            name_key, '(中等|高级|职业|技术|专业|教育|综合|中心|学校|中学|职教|职专|职中|中专|技校)', '', 'g'
        ) as own_name
    from keyed

),

city_years as (

    select distinct
        city,
        year
    from rosters

),

-- The first year of a city whose roster lacks the code, while that of the year before has it.
left_behind as (

    select
        year_before.city,
        year_before.year + 1 as year,
        year_before.school_code,
        year_before.school_name,
        year_before.county_code,
        year_before.name_key,
        year_before.own_name
    from rosters as year_before
    inner join city_years
        on year_before.city = city_years.city and year_before.year + 1 = city_years.year
    left join rosters as this_year
        on
            year_before.city = this_year.city
            and year_before.year + 1 = this_year.year
            and year_before.school_code = this_year.school_code
    where
        this_year.school_code is null

),

continued as (

    select
        city,
        year,
        school_code as successor_code,
        school_name as successor_name,
        {{ each_of('predecessor_codes') }} as school_code
    from rosters
    where predecessor_codes is not null

),

new as (

    select this_year.*
    from rosters as this_year
    left join rosters as year_before
        on
            this_year.city = year_before.city
            and this_year.year = year_before.year + 1
            and this_year.school_code = year_before.school_code
    where year_before.school_code is null and this_year.predecessor_codes is null

),

-- One name is asked about wherever in the city the school is, a near one within the county.
alike as (

    select
        left_behind.city,
        left_behind.year,
        left_behind.school_code,
        new.school_code as alike_code,
        new.school_name as alike_name
    from left_behind
    inner join new
        on left_behind.city = new.city and left_behind.year = new.year
    where
        left_behind.name_key = new.name_key
        or (
            left_behind.county_code = new.county_code
            and (
                left_behind.own_name = new.own_name
                or position(left_behind.name_key in new.name_key) > 0
                or position(new.name_key in left_behind.name_key) > 0
            )
        )

)

select
    left_behind.city,
    left_behind.year,
    left_behind.school_code as former_code,
    left_behind.school_name as former_name,
    continued.successor_code,
    continued.successor_name,
    alike.alike_code,
    alike.alike_name,
    -- Whom a finding is about: the school that is on the roster.
    coalesce(continued.successor_code, alike.alike_code) as school_code
from left_behind
left join continued
    on
        left_behind.city = continued.city
        and left_behind.year = continued.year
        and left_behind.school_code = continued.school_code
left join alike
    on
        left_behind.city = alike.city
        and left_behind.year = alike.year
        and left_behind.school_code = alike.school_code
        and continued.successor_code is null
