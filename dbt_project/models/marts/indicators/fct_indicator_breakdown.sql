with

measures as (

    {{ measures_by_class() }}

),

breakdowns as (

    select * from {{ ref('dim_breakdown') }}

),

definitions as (

    select * from {{ ref('dim_indicator') }}

),

classes as (

    select * from {{ ref('dim_breakdown_class') }}

),

totals as (

    select * from {{ ref('fct_indicator') }}

),

areas as (

    select * from {{ ref('dim_area') }}

),

cities_of_areas as (

    {{ cities_of_areas() }}

),

population as (

    select * from {{ ref('int_school_population') }}

),

schools as (

    {{ schools_by_class('population') }}

),

schools_expected as (

    {{ schools_in_populations(by=['breakdown_of_schools', 'class_of_schools']) }}

),

figures as (

    select
        numerators.year,
        numerators.area_level,
        numerators.area_code,
        breakdowns.indicator_id,
        breakdowns.breakdown,
        breakdowns.breakdown in ({{ texts(breakdowns_of_schools().keys() | list) }}) as is_of_schools,
        numerators.class_code,
        numerators.value as numerator,
        denominators.value as denominator,
        {{ figure_of('breakdowns') }} as value,
        {{ filers_behind('breakdowns', 'schools') }} as filers,
        numerators.schools_with_a_blank + coalesce(denominators.schools_with_a_blank, 0) = 0
            as is_whole,
        definitions.name_zh,
        definitions.name_en,
        definitions.unit,
        definitions.population,
        definitions.weight,
        breakdowns.minimum_coverage_pct,
        breakdowns.minimum_weight_pct,
        breakdowns.is_additive,
        breakdowns.name_zh as breakdown_name_zh,
        breakdowns.name_en as breakdown_name_en
    from breakdowns
    inner join definitions on breakdowns.indicator_id = definitions.indicator_id
    inner join measures as numerators
        on breakdowns.numerator = numerators.measure and breakdowns.breakdown = numerators.breakdown
    left join measures as denominators
        on
            breakdowns.denominator = denominators.measure
            and breakdowns.breakdown = denominators.breakdown
            and numerators.year = denominators.year
            and numerators.area_level = denominators.area_level
            and numerators.area_code = denominators.area_code
            and numerators.class_code = denominators.class_code

),

-- A class of schools none of which filed has its row, so that the classes' schools add up.
unfiled as (

    select
        broken_down.*,
        schools_expected.class_of_schools as class_code
    from (
        select distinct
            year,
            area_level,
            area_code,
            indicator_id,
            breakdown,
            name_zh,
            name_en,
            unit,
            population,
            weight,
            minimum_coverage_pct,
            minimum_weight_pct,
            breakdown_name_zh,
            breakdown_name_en
        from figures
        where is_of_schools
    ) as broken_down
    inner join schools_expected
        on
            broken_down.year = schools_expected.year
            and broken_down.area_level = schools_expected.area_level
            and broken_down.area_code = schools_expected.area_code
            and broken_down.population = schools_expected.population
            and broken_down.breakdown = schools_expected.breakdown_of_schools
    left join figures as same_class
        on
            broken_down.year = same_class.year
            and broken_down.area_level = same_class.area_level
            and broken_down.area_code = same_class.area_code
            and broken_down.indicator_id = same_class.indicator_id
            and broken_down.breakdown = same_class.breakdown
            and schools_expected.class_of_schools = same_class.class_code
    where same_class.class_code is null

),

computed as (

    select
        *,
        case when is_of_schools then breakdown end as breakdown_of_schools,
        case when is_of_schools then class_code end as class_of_schools
    from figures
    union all
    select
        year,
        area_level,
        area_code,
        indicator_id,
        breakdown,
        true as is_of_schools,
        class_code,
        {{ number(none) }} as numerator,
        {{ number(none) }} as denominator,
        {{ number(none) }} as value,
        0 as filers,
        false as is_whole,
        name_zh,
        name_en,
        unit,
        population,
        weight,
        minimum_coverage_pct,
        minimum_weight_pct,
        true as is_additive,
        breakdown_name_zh,
        breakdown_name_en,
        breakdown as breakdown_of_schools,
        class_code as class_of_schools
    from unfiled

),

-- A school without a row of some class has none of it and counts for that class as well; one that
-- left a cell of the class blank does not.
filed_by_schools as (

    select
        filed.year,
        filed.indicator_id,
        filed.breakdown,
        filed.class_code,
        filed.class_of_schools,
        schools.school_code,
        schools.county_code,
        schools.city_code,
        schools.province_code,
        filed.filers,
        {{ weight_of('filed.weight', 'schools') }} as weight
    from (
        select
            *,
            1 as filers_with_row
        from computed
    ) as filed
    inner join population as schools
        on filed.year = schools.year and filed.area_code = schools.school_code
    where filed.area_level = 'school' and {{ in_population('filed.population') }}

),

schools_filing as (

    select
        year,
        indicator_id,
        breakdown,
        class_of_schools,
        {{ area_level() }} as area_level,
        {{ area_code() }} as area_code,
        count(*) as filers,
        sum(weight) as weight
    from (
        select distinct
            year,
            indicator_id,
            breakdown,
            class_of_schools,
            school_code,
            county_code,
            city_code,
            province_code,
            weight
        from filed_by_schools
    ) as filed
    group by {{ each_area('year, indicator_id, breakdown, class_of_schools') }}

),

schools_lacking as (

    select
        year,
        indicator_id,
        breakdown,
        class_code,
        {{ area_level() }} as area_level,
        {{ area_code() }} as area_code,
        count(*) as filers,
        sum(weight) as weight
    from filed_by_schools
    where filers = 0
    group by {{ each_area('year, indicator_id, breakdown, class_code') }}

),

counted as (

    select
        computed.*,
        coalesce(schools_filing.filers, 0) - coalesce(schools_lacking.filers, 0) as schools_counted,
        coalesce(schools_expected.filers, 0) as schools_expected,
        coalesce(schools_filing.weight, 0) - coalesce(schools_lacking.weight, 0) as weight_counted,
        {{ weight_of('computed.weight', 'schools_expected') }} as weight_expected,
        {{ weight_of('computed.weight', 'schools_expected', '_unknown') }} as weight_unknown
    from computed
    left join schools_filing
        on
            computed.year = schools_filing.year
            and computed.indicator_id = schools_filing.indicator_id
            and computed.breakdown = schools_filing.breakdown
            and computed.class_of_schools is not distinct from schools_filing.class_of_schools
            and computed.area_level = schools_filing.area_level
            and computed.area_code = schools_filing.area_code
    left join schools_lacking
        on
            computed.year = schools_lacking.year
            and computed.indicator_id = schools_lacking.indicator_id
            and computed.breakdown = schools_lacking.breakdown
            and computed.class_code = schools_lacking.class_code
            and computed.area_level = schools_lacking.area_level
            and computed.area_code = schools_lacking.area_code
    left join schools_expected
        on
            computed.population = schools_expected.population
            and computed.breakdown_of_schools is not distinct from schools_expected.breakdown_of_schools
            and computed.class_of_schools is not distinct from schools_expected.class_of_schools
            and computed.year = schools_expected.year
            and computed.area_level = schools_expected.area_level
            and computed.area_code = schools_expected.area_code

),

-- A class that could be told from the total and the other classes is not withheld: so all are, or
-- none, and all are where the total is.
covered as (

    select
        counted.*,
        {{ weight_covered_pct(
            'counted.weight_counted', 'counted.weight_expected', 'counted.weight_unknown'
        ) }} as weight_covered_pct,
        {{ coverage_status(
            'counted.area_level',
            of_all_classes('schools_counted'),
            of_all_classes('schools_expected'),
            'counted.minimum_coverage_pct',
            weight_covered_pct(
                of_all_classes('weight_counted'),
                of_all_classes('weight_expected'),
                of_all_classes('weight_unknown')
            ),
            'counted.minimum_weight_pct'
        ) }} as own_status,
        totals.status as total_status
    from counted
    left join totals
        on
            counted.year = totals.year
            and counted.area_level = totals.area_level
            and counted.area_code = totals.area_code
            and counted.indicator_id = totals.indicator_id

)

select
    areas.city,
    covered.year,
    covered.area_level,
    covered.area_code,
    covered.indicator_id,
    covered.breakdown,
    covered.class_code,
    covered.name_zh,
    covered.name_en,
    covered.breakdown_name_zh,
    covered.breakdown_name_en,
    coalesce(classes.name_zh, covered.class_code) as class_name_zh,
    classes.name_en as class_name_en,
    coalesce(classes.position, 0) as class_position,
    covered.value,
    covered.numerator,
    covered.denominator,
    case
        when covered.is_additive and covered.is_whole
            then
                100 * covered.value / nullif(sum(covered.value) over (
                    partition by
                        covered.year, covered.area_level, covered.area_code, covered.indicator_id,
                        covered.breakdown
                ), 0)
    end as share_pct,
    -- What belongs to no known class is no class of its own.
    case
        when covered.class_code <> 'other' and covered.is_whole and covered.value is not null
            then
                rank() over (
                    partition by
                        covered.year, covered.area_level, covered.area_code, covered.indicator_id,
                        covered.breakdown, covered.class_code = 'other'
                    order by covered.value desc nulls last
                )
    end as value_rank,
    cast(covered.schools_counted as bigint) as schools_counted,
    cast(covered.schools_expected as bigint) as schools_expected,
    covered.weight_covered_pct,
    cast(cities_of_areas.counted as bigint) as cities_counted,
    cast(cities_of_areas.expected as bigint) as cities_expected,
    cast(cities_of_areas.without_schools as bigint) as cities_without_schools,
    covered.schools_counted < covered.schools_expected
    or coalesce(cities_of_areas.counted < cities_of_areas.expected, false) as has_coverage_note,
    covered.unit,
    case when 'withheld' in (covered.own_status, covered.total_status) then 'withheld' else 'provisional' end
        as status
from covered
left join classes
    on covered.breakdown = classes.breakdown and covered.class_code = classes.class_code
left join cities_of_areas
    on
        covered.year = cities_of_areas.year
        and covered.area_level = cities_of_areas.area_level
        and covered.area_code = cities_of_areas.area_code
left join areas on covered.area_level = areas.area_level and covered.area_code = areas.area_code
-- What nobody filed has no row, unless the breakdown is withheld, maybe for this class, or its
-- schools are of this class and of no other.
where
    covered.numerator is not null
    or 'withheld' in (covered.own_status, covered.total_status)
    or (covered.is_of_schools and covered.area_level <> 'school')
