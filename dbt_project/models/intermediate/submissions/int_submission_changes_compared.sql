{%- set compared = [
    'students__entrants', 'students__enrolled', 'staff__staff', 'staff__full_time_teachers',
    'destinations__graduates', 'conditions__campus_area_m2', 'conditions__building_area_m2',
    'conditions__equipment_value_10k_cny', 'conditions__books',
] -%}
with

submissions as (

    select *
    from {{ ref('stg_nianbao__submissions') }}
    where is_read and filed_by = 'school'

),

fields as (

    select * from {{ ref('int_submission_fields_joined') }}

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
    year_before.submission_id as previous__submission_id
from submissions
inner join fields on submissions.submission_id = fields.submission_id
inner join submissions as year_before
    on
        submissions.city = year_before.city
        and submissions.school_code = year_before.school_code
        and submissions.year = year_before.year + 1
inner join fields as fields_before on year_before.submission_id = fields_before.submission_id
