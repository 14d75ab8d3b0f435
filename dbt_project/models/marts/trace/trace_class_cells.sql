with

figures as (

    select * from {{ ref('fct_indicator_breakdown') }}
    where area_level = 'city'

),

breakdowns as (

    select * from {{ ref('dim_breakdown') }}

),

contributions as (

    select * from {{ ref('fct_contribution_by_class') }}

),

sources as (

    select * from {{ ref('dim_measure_cell') }}
    where kind = 'cell'

),

cells as (

    select * from {{ ref('fct_cell') }}

),

schools as (

    select * from {{ ref('dim_school') }}

),

parts as (

    select
        indicator_id,
        breakdown,
        'numerator' as part,
        numerator as measure
    from breakdowns
    union all
    select
        indicator_id,
        breakdown,
        'denominator' as part,
        denominator as measure
    from breakdowns
    where denominator is not null

)

select
    figures.city,
    figures.year,
    figures.indicator_id,
    figures.breakdown,
    figures.class_code,
    parts.part,
    parts.measure,
    contributions.school_code,
    schools.school_name,
    cells.submission_id,
    contributions.quantity,
    contributions.counted,
    cells.sheet,
    cells.cell,
    cells.column_name,
    cells.typed,
    cells.file_name,
    cells.file_hash,
    cells.filed_year,
    cells.form_table,
    contributions.row_no,
    sources.label,
    cells.value_read,
    sources.aggregation
from figures
inner join parts
    on figures.indicator_id = parts.indicator_id and figures.breakdown = parts.breakdown
inner join contributions
    on
        figures.city = contributions.city
        and figures.year = contributions.year
        and parts.measure = contributions.measure
        and figures.breakdown = contributions.breakdown
        and figures.class_code = contributions.class_code
inner join sources
    on
        parts.measure = sources.measure
        and (sources.class_code is null or contributions.class_code = sources.class_code)
inner join cells
    on
        contributions.city = cells.city
        and contributions.year = cells.year
        and contributions.school_code is not distinct from cells.school_code
        and contributions.year - sources.years_before = cells.filed_year
        and sources.form_table = cells.form_table
        and sources.column_name = cells.column_name
        and case when sources.is_on_row then contributions.row_no else 1 end = cells.row_no
left join schools
    on
        contributions.city = schools.city
        and contributions.year = schools.year
        and contributions.school_code = schools.school_code
