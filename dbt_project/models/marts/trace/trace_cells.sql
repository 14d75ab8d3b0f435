with

figures as (

    select * from {{ ref('city_yearly_metrics') }}

),

figures_by_class as (

    select * from {{ ref('fct_indicator_breakdown') }}
    where area_level = 'city'

),

indicators as (

    select * from {{ ref('dim_indicator') }}

),

breakdowns as (

    select * from {{ ref('dim_breakdown') }}

),

contributions as (

    select * from {{ ref('fct_contribution') }}

),

contributions_by_class as (

    select * from {{ ref('fct_contribution_by_class') }}

),

measure_cells as (

    select * from {{ ref('dim_measure_cell') }}
    where kind = 'cell'

),

cells as (

    select * from {{ ref('fct_cell') }}

),

schools as (

    select * from {{ ref('dim_school') }}

),

schools_before as (

    select * from {{ ref('fct_roster_before') }}

),

measures as (

    select
        indicator_id,
        breakdown,
        numerator,
        denominator
    from breakdowns
    union all
    select
        indicator_id,
        null as breakdown,
        numerator,
        denominator
    from indicators

),

parts as (

    select
        indicator_id,
        breakdown,
        'numerator' as part,
        numerator as measure
    from measures
    union all
    select
        indicator_id,
        breakdown,
        'denominator' as part,
        denominator as measure
    from measures
    where denominator is not null

),

contributed as (

    select
        figures_by_class.city,
        figures_by_class.year,
        figures_by_class.indicator_id,
        figures_by_class.breakdown,
        figures_by_class.class_code,
        parts.part,
        parts.measure,
        contributions_by_class.school_code,
        contributions_by_class.row_no,
        contributions_by_class.quantity,
        contributions_by_class.counted
    from figures_by_class
    inner join parts
        on
            figures_by_class.indicator_id = parts.indicator_id
            and figures_by_class.breakdown = parts.breakdown
    inner join contributions_by_class
        on
            figures_by_class.city = contributions_by_class.city
            and figures_by_class.year = contributions_by_class.year
            and figures_by_class.breakdown = contributions_by_class.breakdown
            and figures_by_class.class_code = contributions_by_class.class_code
            and parts.measure = contributions_by_class.measure
    union all
    select
        figures.city,
        figures.year,
        figures.indicator_id,
        null as breakdown,
        null as class_code,
        parts.part,
        parts.measure,
        contributions.school_code,
        contributions.row_no,
        contributions.quantity,
        contributions.counted
    from figures
    inner join parts on figures.indicator_id = parts.indicator_id and parts.breakdown is null
    inner join contributions
        on
            figures.city = contributions.city
            and figures.year = contributions.year
            and parts.measure = contributions.measure

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
        aggregation,
        null as class_code,
        false as is_of_class
    from measure_cells
    union all
    select
        measure,
        form_table,
        column_name,
        label,
        years_before,
        is_on_row,
        aggregation,
        class_code,
        true as is_of_class
    from measure_cells

),

traced as (

    select
        contributed.city,
        contributed.year,
        contributed.indicator_id,
        contributed.breakdown,
        contributed.class_code,
        contributed.part,
        contributed.measure,
        contributed.school_code,
        coalesce(schools.school_name, schools_before.school_name) as school_name,
        cells.submission_id,
        contributed.quantity,
        contributed.counted,
        cells.sheet,
        cells.cell,
        cells.column_name,
        cells.typed,
        cells.file_name,
        cells.file_hash,
        cells.filed_year,
        cells.form_table,
        contributed.row_no,
        sources.label,
        cells.value_read,
        sources.aggregation,
        try_cast(cells.value_read as double) as number_read
    from contributed
    inner join sources
        on
            contributed.measure = sources.measure
            and (contributed.class_code is not null) = sources.is_of_class
            and (sources.class_code is null or contributed.class_code = sources.class_code)
    inner join cells
        on
            contributed.city = cells.city
            and contributed.year = cells.year
            and contributed.school_code is not distinct from cells.school_code
            and contributed.year - sources.years_before = cells.filed_year
            and sources.form_table = cells.form_table
            and sources.column_name = cells.column_name
            and case when sources.is_on_row then contributed.row_no else 1 end = cells.row_no
    left join schools
        on
            contributed.city = schools.city
            and contributed.year = schools.year
            and contributed.school_code = schools.school_code
    left join schools_before
        on
            contributed.city = schools_before.city
            and contributed.year = schools_before.year
            and contributed.school_code = schools_before.school_code

),

ordered as (

    select
        *,
        sum(number_read) over (
            partition by city, year, indicator_id, breakdown, class_code, part, school_code, row_no
        ) as read_of_row,
        -- What the roster says comes before what a school filed.
        row_number() over (
            partition by city, year, indicator_id, breakdown, class_code, part, school_code, row_no
            order by submission_id is null desc, filed_year desc, form_table asc, cell asc
        ) as place_on_row,
        row_number() over (
            partition by city, year, indicator_id, breakdown, class_code, part, counted
            order by school_code asc, row_no asc, filed_year desc, form_table asc, cell asc
        ) as place_of_key
    from traced

)

select
    city,
    year,
    indicator_id,
    breakdown,
    class_code,
    part,
    measure,
    school_code,
    school_name,
    submission_id,
    quantity,
    counted,
    sheet,
    cell,
    column_name,
    typed,
    file_name,
    file_hash,
    filed_year,
    form_table,
    row_no,
    label,
    value_read,
    aggregation,
    -- What cells give together is each one's own where they add up to it, else the first one's.
    case
        when counted is not null then cast(place_of_key = 1 as double)
        when abs(read_of_row - quantity) < 0.0000005 then number_read
        when place_on_row = 1 then quantity
    end as adds
from ordered
