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

schools as (

    select * from {{ ref('dim_school') }}

),

schools_expected as (

    {{ schools_on_roster('schools') }}

),

computed as (

    select
        numerators.year,
        numerators.area_level,
        numerators.area_code,
        breakdowns.indicator_id,
        breakdowns.breakdown,
        numerators.class_code,
        numerators.value as numerator,
        denominators.value as denominator,
        case
            when breakdowns.denominator is null then numerators.value
            else breakdowns.scale * numerators.value / nullif(denominators.value, 0)
        end as value,
        case
            when breakdowns.denominator is null then numerators.schools
            else least(numerators.schools, denominators.schools)
        end as schools_counted,
        numerators.schools_with_a_blank + coalesce(denominators.schools_with_a_blank, 0) = 0
            as is_whole,
        breakdowns.minimum_coverage_pct,
        breakdowns.is_additive,
        breakdowns.name_zh as breakdown_name_zh,
        breakdowns.name_en as breakdown_name_en
    from breakdowns
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

-- A class that could be told from the total and the other classes is not withheld: so all are, or
-- none, and all are where the total is.
covered as (

    select
        computed.*,
        schools_expected.filers as schools_expected,
        {{ coverage_status(
            'computed.area_level',
            'min(computed.schools_counted) over (partition by computed.year, computed.area_level, '
            ~ 'computed.area_code, computed.indicator_id, computed.breakdown)',
            'schools_expected.filers',
            'computed.minimum_coverage_pct'
        ) }} as own_status,
        totals.status as total_status
    from computed
    left join schools_expected
        on
            {{ population_of('computed.indicator_id', "'school'") }} = schools_expected.population
            and computed.year = schools_expected.year
            and computed.area_level = schools_expected.area_level
            and computed.area_code = schools_expected.area_code
    left join totals
        on
            computed.year = totals.year
            and computed.area_level = totals.area_level
            and computed.area_code = totals.area_code
            and computed.indicator_id = totals.indicator_id

)

select
    areas.city,
    covered.year,
    covered.area_level,
    covered.area_code,
    covered.indicator_id,
    covered.breakdown,
    covered.class_code,
    definitions.name_zh,
    definitions.name_en,
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
    covered.schools_counted,
    covered.schools_expected,
    definitions.unit,
    case when 'withheld' in (covered.own_status, covered.total_status) then 'withheld' else 'provisional' end
        as status
from covered
inner join definitions on covered.indicator_id = definitions.indicator_id
left join classes
    on covered.breakdown = classes.breakdown and covered.class_code = classes.class_code
left join areas on covered.area_level = areas.area_level and covered.area_code = areas.area_code
-- What nobody filed has no row, unless the breakdown is withheld, maybe for this class.
where
    covered.numerator is not null
    or 'withheld' in (covered.own_status, covered.total_status)
