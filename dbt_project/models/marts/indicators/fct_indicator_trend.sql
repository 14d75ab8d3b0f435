with

metrics as (

    select * from {{ ref('city_yearly_metrics') }}

),

definitions as (

    select * from {{ ref('dim_indicator') }}

),

figures_of_schools as (

    select * from {{ ref('fct_indicator') }}
    where area_level = 'school' and schools_counted > 0

),

sentences as (

    select * from {{ ref('change_sentences') }}

),

indicator_changes as (

    select * from {{ ref('int_indicator_changes') }}

),

roster_changes as (

    select * from {{ ref('int_roster_changes') }}

),

rosters as (

    select * from {{ ref('stg_nianbao__rosters') }}

),

city_years as (

    select distinct
        city,
        year
    from metrics

),

-- A series that ends has its row in the year in which it is missed.
series as (

    select
        city,
        year,
        indicator_id
    from metrics
    union
    select
        metrics.city,
        city_years.year,
        metrics.indicator_id
    from metrics
    inner join city_years
        on metrics.city = city_years.city and metrics.year = city_years.year - 1

),

compared as (

    select
        series.city,
        series.year,
        series.indicator_id,
        metrics.value,
        metrics.value_printed,
        metrics.status,
        metrics.schools_counted,
        metrics.schools_expected,
        metrics.weight_covered_pct,
        metrics.has_coverage_note,
        year_before.value as previous_year_value,
        year_before.schools_counted as previous_year_schools_counted,
        year_before.schools_expected as previous_year_schools_expected,
        metrics.value - year_before.value as change,
        100 * (metrics.value - year_before.value) / abs(nullif(year_before.value, 0)) as change_pct,
        years_before.year is not null as has_year_before
    from series
    left join city_years as years_before
        on series.city = years_before.city and series.year = years_before.year + 1
    left join metrics
        on
            series.city = metrics.city
            and series.year = metrics.year
            and series.indicator_id = metrics.indicator_id
    left join metrics as year_before
        on
            series.city = year_before.city
            and series.year = year_before.year + 1
            and series.indicator_id = year_before.indicator_id

),

named_before as (

    select
        city,
        year,
        school_code,
        school_code as code_before
    from rosters
    union
    select
        city,
        year,
        school_code,
        {{ each_of('predecessor_codes') }} as code_before
    from rosters
    where predecessor_codes is not null

),

-- Which schools of the year before each school is: itself, and those that it follows.
continued as (

    select
        named_before.city,
        named_before.year,
        named_before.school_code,
        named_before.code_before,
        count(*) over (
            partition by named_before.city, named_before.year, named_before.school_code
        ) as schools_before
    from named_before
    inner join rosters
        on
            named_before.city = rosters.city
            and named_before.year = rosters.year + 1
            and named_before.code_before = rosters.school_code

),

counted_before as (

    select
        continued.city,
        continued.year,
        continued.school_code,
        year_before.indicator_id,
        count(*) as schools_counted,
        max(continued.schools_before) as schools_before
    from continued
    inner join figures_of_schools as year_before
        on
            continued.city = year_before.city
            and continued.year = year_before.year + 1
            and continued.code_before = year_before.area_code
    group by continued.city, continued.year, continued.school_code, year_before.indicator_id

),

-- A school that others merged into is the same where all of these were counted.
schools_of_both_years as (

    select
        this_year.city,
        this_year.year,
        this_year.indicator_id,
        count(*) as schools,
        sum(counted_before.schools_counted) as previous_year_schools
    from figures_of_schools as this_year
    inner join counted_before
        on
            this_year.city = counted_before.city
            and this_year.year = counted_before.year
            and this_year.area_code = counted_before.school_code
            and this_year.indicator_id = counted_before.indicator_id
            and counted_before.schools_counted = counted_before.schools_before
    group by this_year.city, this_year.year, this_year.indicator_id

),

-- Years are compared over the same schools, or where each covers all that could file.
coverage_changes as (

    select
        compared.city,
        compared.year,
        compared.indicator_id,
        'coverage_differs' as kind,
        true as is_break,
        {{ coverage_told('sentences.zh', 'compared') }} as zh,
        {{ coverage_told('sentences.en', 'compared') }} as en
    from compared
    inner join sentences on sentences.kind = 'coverage_differs'
    left join schools_of_both_years as both_years
        on
            compared.city = both_years.city
            and compared.year = both_years.year
            and compared.indicator_id = both_years.indicator_id
    where
        compared.change is not null
        and (
            compared.schools_counted < compared.schools_expected
            or compared.previous_year_schools_counted < compared.previous_year_schools_expected
        )
        and (
            compared.schools_counted <> coalesce(both_years.schools, 0)
            or compared.previous_year_schools_counted <> coalesce(both_years.previous_year_schools, 0)
        )

),

-- Other schools make another total. A rate is over whichever schools there are, a count of schools is
-- there to say so, and a figure that is not of the school is as it was.
roster_changes_of_figures as (

    select
        compared.city,
        compared.year,
        compared.indicator_id,
        roster_changes.kind,
        definitions.filed_by = 'school'
        and definitions.kind <> 'ratio'
        and definitions.unit <> 'school'
        and case
            when roster_changes.kind = 'school_opened' then this_year.area_code is not null
            when roster_changes.kind in ('school_closed', 'successor_missing') then year_before.area_code is not null
            else false
        end as is_break,
        roster_changes.school_code,
        roster_changes.zh,
        roster_changes.en
    from compared
    inner join definitions
        on compared.indicator_id = definitions.indicator_id and definitions.filed_by <> 'bureau'
    inner join roster_changes
        on compared.city = roster_changes.city and compared.year = roster_changes.year
    left join figures_of_schools as this_year
        on
            roster_changes.city = this_year.city
            and roster_changes.year = this_year.year
            and roster_changes.school_code = this_year.area_code
            and compared.indicator_id = this_year.indicator_id
    left join figures_of_schools as year_before
        on
            roster_changes.city = year_before.city
            and roster_changes.year = year_before.year + 1
            and roster_changes.school_code = year_before.area_code
            and compared.indicator_id = year_before.indicator_id
    where compared.has_year_before

),

changes as (

    select * from coverage_changes
    union all
    select
        compared.city,
        compared.year,
        compared.indicator_id,
        indicator_changes.kind,
        indicator_changes.kind <> 'column_relabelled' as is_break,
        indicator_changes.zh,
        indicator_changes.en
    from compared
    inner join indicator_changes
        on compared.year = indicator_changes.year and compared.indicator_id = indicator_changes.indicator_id
    where compared.has_year_before
    union all
    select
        city,
        year,
        indicator_id,
        kind,
        is_break,
        {{ listed('zh', 'school_code || zh', separator='') }} as zh,
        {{ listed('en', 'school_code || zh', separator=' ') }} as en
    from roster_changes_of_figures
    group by city, year, indicator_id, kind, is_break

),

told as (

    select
        city,
        year,
        indicator_id,
        is_break,
        {{ listed('kind', 'kind') }} as kinds,
        {{ listed('zh', 'kind', separator='') }} as zh,
        {{ listed('en', 'kind', separator=' ') }} as en
    from changes
    group by city, year, indicator_id, is_break

)

select
    compared.city,
    compared.year,
    compared.indicator_id,
    compared.value,
    compared.value_printed,
    compared.status,
    compared.schools_counted,
    compared.schools_expected,
    compared.weight_covered_pct,
    compared.has_coverage_note,
    compared.previous_year_value,
    compared.previous_year_schools_counted,
    compared.previous_year_schools_expected,
    compared.change,
    compared.change_pct,
    case
        when breaks.kinds is not null then false
        when compared.change is not null then true
    end as is_comparable,
    breaks.kinds as break_kinds,
    breaks.zh as break_zh,
    breaks.en as break_en,
    notes.kinds as note_kinds,
    notes.zh as note_zh,
    notes.en as note_en
from compared
left join told as breaks
    on
        compared.city = breaks.city
        and compared.year = breaks.year
        and compared.indicator_id = breaks.indicator_id
        and breaks.is_break
left join told as notes
    on
        compared.city = notes.city
        and compared.year = notes.year
        and compared.indicator_id = notes.indicator_id
        and not notes.is_break
