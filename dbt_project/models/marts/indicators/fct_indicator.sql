{%- set areas_of_bureaus = {'city': 'cities.city_code', 'province': 'cities.province_code'} -%}
with

measures as (

    {{ measures_by_area() }}

),

definitions as (

    select * from {{ ref('dim_indicator') }}

),

areas as (

    select * from {{ ref('dim_area') }}

),

cities_of_areas as (

    {{ cities_of_areas() }}

),

schools as (

    select * from {{ ref('int_school_population') }}

),

cities as (

    select * from {{ ref('stg_nianbao__cities') }}

),

schools_expected as (

    {{ schools_in_populations() }}

),

years as (

    select distinct year from measures

),

bureaus_expected as (

    select
        years.year,
        {{ level_of(areas_of_bureaus) }} as area_level,
        {{ code_of(areas_of_bureaus) }} as area_code,
        count(*) as filers
    from cities
    cross join years
    group by grouping sets (
        (years.year, cities.city_code),
        (years.year, cities.province_code),
        (years.year)
    )

),

computed as (

    select
        numerators.year,
        numerators.area_level,
        numerators.area_code,
        definitions.indicator_id,
        definitions.filed_by,
        definitions.unit,
        definitions.population,
        definitions.weight,
        definitions.minimum_coverage_pct,
        definitions.minimum_weight_pct,
        numerators.value as numerator,
        denominators.value as denominator,
        {{ figure_of('definitions') }} as value,
        {{ filers_behind('definitions', 'filers') }} as filers,
        numerators.filers_with_row
    from definitions
    inner join measures as numerators on definitions.numerator = numerators.measure
    left join measures as denominators
        on
            definitions.denominator = denominators.measure
            and numerators.year = denominators.year
            and numerators.area_level = denominators.area_level
            and numerators.area_code = denominators.area_code
    where numerators.area_code is not null

),

-- A figure of an area counts the schools that have a figure of their own.
filed_by_schools as (

    select
        filed.year,
        filed.indicator_id,
        schools.school_code,
        schools.county_code,
        schools.city_code,
        schools.province_code,
        filed.filers,
        case when filed.population in ('filing', 'stating') then 1 else 0 end as expected,
        {{ weight_of('filed.weight', 'schools') }} as weight
    from computed as filed
    inner join schools on filed.year = schools.year and filed.area_code = schools.school_code
    where filed.area_level = 'school' and {{ in_population('filed.population') }}

),

schools_counted as (

    select
        year,
        indicator_id,
        {{ area_level() }} as area_level,
        {{ area_code() }} as area_code,
        sum(filers) as filers,
        sum(filers * weight) as weight,
        sum(expected) as filers_with_row,
        sum(expected * weight) as weight_with_row,
        sum(expected) - sum(case when weight is not null then expected else 0 end) as unknown_with_row
    from filed_by_schools
    group by {{ each_area('year, indicator_id') }}

),

bureaus_counted as (

    select
        filed.year,
        filed.indicator_id,
        {{ level_of(areas_of_bureaus) }} as area_level,
        {{ code_of(areas_of_bureaus) }} as area_code,
        sum(filed.filers) as filers
    from computed as filed
    inner join cities on filed.area_code = cities.city_code
    where filed.filed_by = 'bureau' and filed.area_level = 'city'
    group by grouping sets (
        (filed.year, filed.indicator_id, cities.city_code),
        (filed.year, filed.indicator_id, cities.province_code),
        (filed.year, filed.indicator_id)
    )

),

covered as (

    select
        computed.*,
        coalesce(schools_counted.filers, bureaus_counted.filers, 0) as schools_counted,
        coalesce(schools_expected.filers, bureaus_expected.filers, 0)
        + coalesce(schools_counted.filers_with_row, 0) as schools_expected,
        {{ weight_covered_pct(
            'coalesce(schools_counted.weight, 0)',
            '(coalesce(' ~ weight_of('computed.weight', 'schools_expected') ~ ', 0)'
            ~ ' + coalesce(schools_counted.weight_with_row, 0))',
            '(coalesce(' ~ weight_of('computed.weight', 'schools_expected', '_unknown') ~ ', 0)'
            ~ ' + coalesce(schools_counted.unknown_with_row, 0))'
        ) }} as weight_covered_pct
    from computed
    left join schools_counted
        on
            computed.year = schools_counted.year
            and computed.indicator_id = schools_counted.indicator_id
            and computed.area_level = schools_counted.area_level
            and computed.area_code = schools_counted.area_code
    left join schools_expected
        on
            computed.population = schools_expected.population
            and computed.year = schools_expected.year
            and computed.area_level = schools_expected.area_level
            and computed.area_code = schools_expected.area_code
    left join bureaus_counted
        on
            computed.year = bureaus_counted.year
            and computed.indicator_id = bureaus_counted.indicator_id
            and computed.area_level = bureaus_counted.area_level
            and computed.area_code = bureaus_counted.area_code
    left join bureaus_expected
        on
            computed.population = 'bureau'
            and computed.year = bureaus_expected.year
            and computed.area_level = bureaus_expected.area_level
            and computed.area_code = bureaus_expected.area_code
    -- Missing is not zero: what no school filed has no row. A ratio over nothing keeps its row,
    -- without value.
    where computed.numerator is not null

),

pairs as (

    select
        indicator_id as rate,
        {{ each_of('counts_beside') }} as quantity
    from definitions
    where counts_beside is not null

),

-- A rate is over no other schools than its count, so that as many are the same ones.
differing as (

    select
        rates.year,
        rates.area_level,
        rates.area_code,
        rates.indicator_id as rate,
        quantities.indicator_id as quantity
    from pairs
    inner join covered as rates on pairs.rate = rates.indicator_id
    inner join covered as quantities
        on
            pairs.quantity = quantities.indicator_id
            and rates.year = quantities.year
            and rates.area_level = quantities.area_level
            and rates.area_code = quantities.area_code
    where rates.area_level <> 'school' and rates.schools_counted <> quantities.schools_counted

),

told_apart as (

    select
        year,
        area_level,
        area_code,
        rate as indicator_id
    from differing
    union
    select
        year,
        area_level,
        area_code,
        quantity as indicator_id
    from differing

)

select
    areas.city,
    covered.year,
    covered.area_level,
    covered.area_code,
    covered.indicator_id,
    covered.value,
    covered.numerator,
    covered.denominator,
    cast(covered.schools_counted as bigint) as schools_counted,
    cast(covered.schools_expected as bigint) as schools_expected,
    covered.weight_covered_pct,
    cast(cities_of_areas.counted as bigint) as cities_counted,
    cast(cities_of_areas.expected as bigint) as cities_expected,
    cast(cities_of_areas.without_schools as bigint) as cities_without_schools,
    covered.schools_counted < covered.schools_expected
    or coalesce(cities_of_areas.counted < cities_of_areas.expected, false)
    or told_apart.indicator_id is not null
        as has_coverage_note,
    covered.unit,
    {{ coverage_status(
        'covered.area_level', 'covered.schools_counted', 'covered.schools_expected',
        'covered.minimum_coverage_pct', 'covered.weight_covered_pct', 'covered.minimum_weight_pct'
    ) }} as status
from covered
left join areas
    on covered.area_level = areas.area_level and covered.area_code = areas.area_code
left join cities_of_areas
    on
        covered.year = cities_of_areas.year
        and covered.area_level = cities_of_areas.area_level
        and covered.area_code = cities_of_areas.area_code
left join told_apart
    on
        covered.year = told_apart.year
        and covered.area_level = told_apart.area_level
        and covered.area_code = told_apart.area_code
        and covered.indicator_id = told_apart.indicator_id
