with

figures as (

    select * from {{ ref('city_yearly_metrics') }}

),

indicators as (

    select * from {{ ref('dim_indicator') }}

),

contributions as (

    select * from {{ ref('fct_contribution') }}

),

-- Which class reads a cell is nothing to the figure over all classes.
sources as (

    select distinct
        measure,
        form_table,
        column_name,
        label,
        years_before,
        is_on_row,
        aggregation
    from {{ ref('dim_measure_cell') }}
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

)

select
    figures.city,
    figures.year,
    figures.indicator_id,
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
inner join parts on figures.indicator_id = parts.indicator_id
inner join contributions
    on
        figures.city = contributions.city
        and figures.year = contributions.year
        and parts.measure = contributions.measure
inner join sources on parts.measure = sources.measure
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
