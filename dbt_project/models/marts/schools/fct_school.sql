with

schools as (

    select * from {{ ref('dim_school') }}

),

students as (

    select * from {{ ref('fct_student') }}

),

staff as (

    select * from {{ ref('fct_staff') }}

),

destinations as (

    select * from {{ ref('fct_destination') }}

)

select
    schools.city,
    schools.year,
    schools.year_date,
    schools.school_code,
    schools.county_code,
    schools.city_code,
    schools.province_code,
    schools.submission_id,
    schools.ownership,
    schools.school_class,
    schools.is_national_demonstration,
    schools.is_provincial_demonstration,
    schools.is_national_key,
    schools.is_provincial_key,
    schools.is_provincial_quality,
    schools.is_education_group_member,
    students.enrolled,
    staff.full_time_teachers,
    staff.staff,
    staff.staff_without_post,
    destinations.graduates
from schools
left join students on schools.submission_id = students.submission_id
left join staff on schools.submission_id = staff.submission_id
left join destinations on schools.submission_id = destinations.submission_id
where schools.submission_id is not null
