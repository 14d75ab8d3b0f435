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

schools as (

    select * from {{ ref('dim_school') }}

),

cities as (

    select * from {{ ref('stg_nianbao__cities') }}

),

schools_expected as (

    {{ schools_on_roster('schools') }}

),

years as (

    select distinct year from measures

),

bureaus_expected as (

    select
        'bureau' as population,
        years.year,
        case when grouping(cities.city_code) = 0 then 'city' else 'province' end as area_level,
        coalesce(cities.city_code, cities.province_code) as area_code,
        count(*) as filers
    from cities
    cross join years
    group by grouping sets ((years.year, cities.city_code), (years.year, cities.province_code))

),

expected as (

    select * from schools_expected
    union all
    select * from bureaus_expected

),

computed as (

    select
        numerators.year,
        numerators.area_level,
        numerators.area_code,
        definitions.indicator_id,
        definitions.filed_by,
        definitions.unit,
        definitions.minimum_coverage_pct,
        numerators.value as numerator,
        denominators.value as denominator,
        case
            when definitions.denominator is null then numerators.value
            else definitions.scale * numerators.value / nullif(denominators.value, 0)
        end as value,
        case
            when definitions.denominator is null then numerators.schools
            else least(numerators.schools, denominators.schools)
        end as schools_counted
    from definitions
    inner join measures as numerators on definitions.numerator = numerators.measure
    left join measures as denominators
        on
            definitions.denominator = denominators.measure
            and numerators.year = denominators.year
            and numerators.area_level = denominators.area_level
            and numerators.area_code = denominators.area_code
    -- Missing is not zero: what no school filed has no row. A ratio over nothing keeps its row,
    -- without value.
    where numerators.value is not null and numerators.area_code is not null

)

select
    areas.city,
    computed.year,
    computed.area_level,
    computed.area_code,
    computed.indicator_id,
    computed.value,
    computed.numerator,
    computed.denominator,
    computed.schools_counted,
    expected.filers as schools_expected,
    computed.unit,
    {{ coverage_status(
        'computed.area_level', 'computed.schools_counted', 'expected.filers',
        'computed.minimum_coverage_pct'
    ) }} as status
from computed
left join areas
    on computed.area_level = areas.area_level and computed.area_code = areas.area_code
left join expected
    on
        {{ population_of('computed.indicator_id', 'computed.filed_by') }} = expected.population
        and computed.year = expected.year
        and computed.area_level = expected.area_level
        and computed.area_code = expected.area_code
