{%- set compared = [
    'students__entrants', 'students__enrolled', 'staff__staff', 'staff__full_time_teachers',
    'destinations__graduates', 'conditions__campus_area_m2', 'conditions__building_area_m2',
    'conditions__equipment_value_10k_cny', 'conditions__books',
] -%}
{%- set compared_of_bureaus = [
    'lead_colleges', 'education_groups', 'county_learning_centres', 'county_official_visits',
    'paired_school_visits', 'exchange_sent', 'exchange_received', 'newly_paired_schools',
    'paired_schools', 'institutions_visiting_enterprises', 'enterprises_visited',
    'research_reports', 'enterprise_events', 'institution_events', 'event_enterprises_visited',
    'industry_education_consortia', 'building_funds_10k_cny', 'building_projects',
    'flagship_major_groups', 'livestock_course_trainees', 'city_teacher_contest_institutions',
    'city_teacher_contest_teachers', 'city_student_contest_institutions',
    'city_student_contest_students', 'next_contest_students_recommended',
    'open_education_measures', 'education_week_activities', 'award_subsidy_funds_10k_cny',
    'award_subsidy_building_funds_10k_cny',
] -%}
with

submissions as (

    select *
    from {{ ref('stg_nianbao__submissions') }}
    where is_read

),

fields as (

    select * from {{ ref('int_submission_fields_joined') }}

),

bureaus as (

    select * from {{ ref('stg_nianbao__bureau') }}

),

years_before as (

    select
        submissions.submission_id,
        submissions.year,
        year_before.submission_id as previous__submission_id
    from submissions
    inner join submissions as year_before
        on
            submissions.city = year_before.city
            and submissions.filed_by = year_before.filed_by
            and coalesce(submissions.school_code, '') = coalesce(year_before.school_code, '')
            and submissions.year = year_before.year + 1

),

sheets_filed as (

    {{ sheets_filed() }}

),

sheets_asked as (

    select distinct
        year,
        form_table,
        sheet_zh,
        sheet_en
    from {{ ref('stg_nianbao__form_columns') }}

),

-- A sheet of which the year before had rows, and this one has none.
sheets_emptied as (

    select
        years_before.submission_id,
        years_before.previous__submission_id,
        {{ listed('sheets_asked.sheet_zh', 'sheets_asked.form_table', separator='、') }} as sheets_emptied_zh,
        {{ listed('sheets_asked.sheet_en', 'sheets_asked.form_table', separator=', ') }} as sheets_emptied_en
    from years_before
    inner join sheets_filed as filed_before
        on years_before.previous__submission_id = filed_before.submission_id
    inner join sheets_asked
        on
            years_before.year = sheets_asked.year
            and filed_before.form_table = sheets_asked.form_table
    left join sheets_filed
        on
            years_before.submission_id = sheets_filed.submission_id
            and filed_before.form_table = sheets_filed.form_table
    where sheets_filed.submission_id is null
    group by years_before.submission_id, years_before.previous__submission_id

)

select
    submissions.city,
    submissions.school_code,
    submissions.year,
    submissions.file_name,
    submissions.submission_id,
    {% for column in compared %}
        fields.{{ column }},
        fields.{{ column }}__typed,
        fields.{{ column }}__cell,
        fields_before.{{ column }} as previous__{{ column }},
    {% endfor %}
    {% for column in compared_of_bureaus %}
        bureaus.{{ column }} as bureau__{{ column }},
        bureaus.{{ column }}__typed as bureau__{{ column }}__typed,
        bureaus.{{ column }}__cell as bureau__{{ column }}__cell,
        bureaus_before.{{ column }} as previous__bureau__{{ column }},
    {% endfor %}
    {% for column in compared_of_bureaus %}
        (coalesce(bureaus.{{ column }}, bureaus_before.{{ column }}) is not null)::integer
        {{ '+' if not loop.last }}
    {% endfor %} as bureau__figures_filed,
    {% for column in compared_of_bureaus %}
        coalesce(bureaus.{{ column }} = bureaus_before.{{ column }}, false)::integer
        {{ '+' if not loop.last }}
    {% endfor %} as bureau__figures_unchanged,
    sheets_emptied.sheets_emptied_zh,
    sheets_emptied.sheets_emptied_en,
    years_before.previous__submission_id
from submissions
inner join years_before on submissions.submission_id = years_before.submission_id
left join sheets_emptied
    on
        years_before.submission_id = sheets_emptied.submission_id
        and years_before.previous__submission_id = sheets_emptied.previous__submission_id
left join fields on submissions.submission_id = fields.submission_id
left join fields as fields_before on years_before.previous__submission_id = fields_before.submission_id
left join bureaus on submissions.submission_id = bureaus.submission_id
left join bureaus as bureaus_before on years_before.previous__submission_id = bureaus_before.submission_id
