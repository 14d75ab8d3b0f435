with

fields as (

    select * from {{ ref('int_submission_fields_joined') }}

),

submissions as (

    select * from {{ ref('stg_nianbao__submissions') }}
    where is_read and filed_by = 'school'

),

received as (

    select * from {{ ref('int_submissions_received') }}

),

rosters as (

    select * from {{ ref('stg_nianbao__rosters') }}

),

form_columns as (

    select * from {{ ref('stg_nianbao__form_columns') }}
    where not is_required

),

-- A dash, and what else says that there is nothing to say, is no value, and no zero either.
taken_for_blank as (

    select distinct
        submission_id,
        column_id,
        range as cell
    from {{ ref('stg_nianbao__receipts') }}
    where kind in ('dash_is_blank', 'trimmed') and read is null

),

figures as (

    {{ declared_cells_of_figures() }}

),

cells_filed as (

    {{ cells_of_submissions('fields') }}

),

cells as (

    select
        cells_filed.*,
        cells_filed.typed is null
        or (cells_filed.value is null and taken_for_blank.submission_id is not null) as is_blank
    from cells_filed
    left join taken_for_blank
        on
            cells_filed.submission_id = taken_for_blank.submission_id
            and cells_filed.cell = taken_for_blank.cell
            and split_part(cells_filed.form_column, '__', 2) = taken_for_blank.column_id

),

-- Whether a school meets all conditions is known by one that it misses, whatever else is blank.
checks as (

    select * from {{ ref('int_conditions_checked') }}

),

schools_judged as (

    select
        submission_id,
        {{ is_meeting_all() }} as is_meeting_all
    from checks
    group by submission_id

),

cells_of_conditions as (

    {{ cells_of_conditions() }}

),

cells_undefined as (

    select distinct
        checks.submission_id,
        cells_of_conditions.form_column
    from checks
    inner join schools_judged on checks.submission_id = schools_judged.submission_id
    inner join cells_of_conditions on checks.condition = cells_of_conditions.condition
    where checks.is_met is null and schools_judged.is_meeting_all is null

),

rows_of_figures as (

    {{ rows_of_figures() }}

),

rows_filed as (

    select
        rows_of_figures.*,
        rows_of_figures.leaves_open
        and (rows_of_figures.typed is null or taken_for_blank.submission_id is not null) as is_blank
    from rows_of_figures
    left join taken_for_blank
        on
            rows_of_figures.submission_id = taken_for_blank.submission_id
            and rows_of_figures.cell = taken_for_blank.cell
            and split_part(rows_of_figures.form_column, '__', 2) = taken_for_blank.column_id

),

-- Of a column with blanks the first is named.
columns_filed as (

    select
        figure,
        form_column,
        submission_id,
        min(case when is_blank then row_no end) as first_blank
    from rows_filed
    group by figure, form_column, submission_id

),

first_blanks as (

    select distinct
        form_column,
        submission_id,
        row_no,
        cell
    from rows_filed

),

filed as (

    select
        submissions.submission_id,
        submissions.city,
        submissions.year,
        submissions.school_code,
        submissions.file_name,
        received.is_newest_read,
        true as is_filed,
        rosters.is_monitored,
        0 as years_before,
        fields.profile__ownership as ownership,
        fields.students__enrolled as enrolled,
        fields.destinations__graduates as graduates
    from submissions
    inner join received on submissions.submission_id = received.submission_id
    inner join fields on submissions.submission_id = fields.submission_id
    inner join rosters
        on
            submissions.city = rosters.city
            and submissions.year = rosters.year
            and submissions.school_code = rosters.school_code

),

-- What is not known of a school that has handed in nothing leaves it in a population.
schools as (

    select * from filed
    union all
    select
        {{ text(none) }} as submission_id,
        rosters.city,
        rosters.year,
        rosters.school_code,
        {{ text(none) }} as file_name,
        true as is_newest_read,
        false as is_filed,
        rosters.is_monitored,
        0 as years_before,
        {{ text(none) }} as ownership,
        null as enrolled,
        null as graduates
    from rosters
    left join filed
        on
            rosters.city = filed.city
            and rosters.year = filed.year
            and rosters.school_code = filed.school_code
            and filed.is_newest_read
    where filed.school_code is null

),

figures_of_rows as (

    select distinct
        form_column,
        figure,
        name_zh,
        name_en,
        population,
        false as is_of_all_conditions
    from rows_of_figures

),

every_figure as (

    select
        form_column,
        figure,
        name_zh,
        name_en,
        population,
        fact = 'fct_condition_school' as is_of_all_conditions
    from figures
    union all
    select * from figures_of_rows

),

-- A figure's columns that the form of the year asks and does not require.
asked as (

    select
        form_columns.year,
        form_columns.form_table || '__' || form_columns.column_name as form_column,
        form_columns.label_zh,
        form_columns.label_en,
        every_figure.figure,
        every_figure.name_zh,
        every_figure.name_en,
        every_figure.population,
        every_figure.is_of_all_conditions
    from form_columns
    inner join every_figure
        on form_columns.form_table || '__' || form_columns.column_name = every_figure.form_column

),

answered as (

    select
        schools.*,
        asked.form_column,
        asked.label_zh,
        asked.label_en,
        asked.figure,
        asked.name_zh,
        asked.name_en,
        cells.cell,
        schools.is_filed
        and coalesce(cells.is_blank, true)
        and (not asked.is_of_all_conditions or cells_undefined.submission_id is not null) as is_blank,
        case
            when asked.is_of_all_conditions then schools_judged.is_meeting_all is not null
            else schools.is_filed and cells.value is not null
        end as is_counted
    from schools
    inner join asked on schools.year = asked.year
    left join cells
        on schools.submission_id = cells.submission_id and asked.form_column = cells.form_column
    left join schools_judged on schools.submission_id = schools_judged.submission_id
    left join cells_undefined
        on
            schools.submission_id = cells_undefined.submission_id
            and asked.form_column = cells_undefined.form_column
    where {{ in_population_of_roster('asked.population') }}
    union all
    select
        schools.*,
        asked.form_column,
        asked.label_zh,
        asked.label_en,
        asked.figure,
        asked.name_zh,
        asked.name_en,
        first_blanks.cell,
        columns_filed.first_blank is not null as is_blank,
        schools.is_filed and columns_filed.first_blank is null as is_counted
    from schools
    inner join asked on schools.year = asked.year and asked.population = 'filing'
    left join columns_filed
        on
            schools.submission_id = columns_filed.submission_id
            and asked.form_column = columns_filed.form_column
            and asked.figure = columns_filed.figure
    left join first_blanks
        on
            columns_filed.submission_id = first_blanks.submission_id
            and columns_filed.form_column = first_blanks.form_column
            and columns_filed.first_blank = first_blanks.row_no
    where not schools.is_filed or columns_filed.submission_id is not null

),

schools_of_figures as (

    select
        city,
        year,
        school_code,
        figure,
        max(enrolled) as enrolled,
        max(graduates) as graduates,
        min(case when is_counted then 1 else 0 end) as is_counted
    from answered
    where is_newest_read
    group by city, year, school_code, figure

),

minima as (

    select distinct
        figure,
        weight,
        minimum_coverage_pct,
        minimum_weight_pct
    from figures

),

covered as (

    select
        schools_of_figures.city,
        schools_of_figures.year,
        schools_of_figures.figure,
        minima.minimum_coverage_pct,
        minima.minimum_weight_pct,
        sum(schools_of_figures.is_counted) as counted,
        count(*) as expected,
        {{ weight_covered_pct(
            'sum(schools_of_figures.is_counted * ' ~ weight_of('minima.weight', 'schools_of_figures') ~ ')',
            'sum(' ~ weight_of('minima.weight', 'schools_of_figures') ~ ')',
            'count(*) - count(' ~ weight_of('minima.weight', 'schools_of_figures') ~ ')'
        ) }} as weight_pct
    from schools_of_figures
    left join minima on schools_of_figures.figure = minima.figure
    group by
        schools_of_figures.city, schools_of_figures.year, schools_of_figures.figure,
        minima.minimum_coverage_pct, minima.minimum_weight_pct

),

coverage as (

    select
        city,
        year,
        figure,
        cast(counted as string) || '/' || cast(expected as string) as schools,
        {{ coverage_status(
            "'city'", 'counted', 'expected', 'minimum_coverage_pct', 'weight_pct', 'minimum_weight_pct'
        ) }} = 'withheld' as is_withheld
    from covered

),

told as (

    select
        *,
        schools || case when is_withheld then '（不予公布）' else '' end as told_zh,
        schools || case when is_withheld then ' (withheld)' else '' end as told_en
    from coverage

)

select
    answered.city,
    answered.year,
    answered.school_code,
    answered.submission_id,
    answered.file_name,
    answered.form_column,
    answered.label_zh,
    answered.label_en,
    {{ text(none) }} as value,
    min(answered.cell) as value__cell,
    {{ listed("answered.name_zh || ' ' || told.told_zh", 'answered.figure', separator='、') }} as figures_zh,
    {{ listed("answered.name_en || ' ' || told.told_en", 'answered.figure', separator=', ') }} as figures_en
from answered
inner join told
    on
        answered.city = told.city
        and answered.year = told.year
        and answered.figure = told.figure
where answered.is_blank
group by
    answered.city, answered.year, answered.school_code, answered.submission_id, answered.file_name,
    answered.form_column, answered.label_zh, answered.label_en
