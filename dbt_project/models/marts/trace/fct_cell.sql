with

accepted as (

    select * from {{ ref('int_submissions_accepted') }}

),

measure_cells as (

    select * from {{ ref('dim_measure_cell') }}

),

cells as (

    select * from {{ ref('stg_nianbao__cells') }}
    where typed is not null

),

roster_cells as (

    select * from {{ ref('stg_nianbao__roster_cells') }}

),

city_years as (

    select distinct
        city,
        year
    from {{ ref('fct_roster') }}

),

-- Figures of a year that compare with the year before rest on what was filed for that one as well,
-- also by schools that are there no more.
submissions as (

    select
        city,
        year,
        year as filed_year,
        school_code,
        submission_id,
        file_name,
        file_hash
    from accepted
    union all
    select
        year_before.city,
        city_years.year,
        year_before.year as filed_year,
        year_before.school_code,
        year_before.submission_id,
        year_before.file_name,
        year_before.file_hash
    from accepted as year_before
    inner join city_years
        on year_before.city = city_years.city and year_before.year = city_years.year - 1
    where year_before.filed_by = 'school'

),

compared as (

    select distinct
        form_table,
        column_name
    from measure_cells
    where kind = 'cell' and years_before = 1

),

filed as (
    select
        submissions.city,
        submissions.year,
        submissions.filed_year,
        submissions.school_code,
        submissions.submission_id,
        cells.form_table,
        cells.sheet,
        cells.row_no,
        cells.column_name,
        cells.cell,
        cells.typed,
        cells.value_read,
        submissions.file_name,
        submissions.file_hash
    from cells
    inner join submissions on cells.submission_id = submissions.submission_id
    left join compared
        on cells.form_table = compared.form_table and cells.column_name = compared.column_name
    where submissions.filed_year = submissions.year or compared.column_name is not null

),

listed as (

    select
        roster_cells.city,
        city_years.year,
        roster_cells.year as filed_year,
        roster_cells.school_code,
        {{ text(none) }} as submission_id,
        'rosters' as form_table,
        roster_cells.sheet,
        1 as row_no,
        roster_cells.column_name,
        roster_cells.cell,
        roster_cells.typed,
        roster_cells.value_read,
        roster_cells.file_name,
        roster_cells.file_hash
    from roster_cells
    inner join city_years
        on
            roster_cells.city = city_years.city
            and city_years.year - roster_cells.year in (0, 1)
    left join compared
        on compared.form_table = 'rosters' and roster_cells.column_name = compared.column_name
    where roster_cells.year = city_years.year or compared.column_name is not null

)

select * from filed
union all
select * from listed
