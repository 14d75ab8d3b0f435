with

accepted as (

    select * from {{ ref('int_submissions_accepted') }}

),

filed as (

    select * from {{ ref('stg_nianbao__programmes') }}

),

majors as (

    select * from {{ ref('majors') }}

),

classes as (

    select * from {{ ref('major_classes') }}

)

select
    accepted.city,
    accepted.year,
    accepted.year_date,
    accepted.school_code,
    accepted.county_code,
    accepted.city_code,
    accepted.province_code,
    accepted.submission_id,
    filed.row_no,
    filed.major_code,
    filed.major_name,
    coalesce(majors.class_code, classes.class_code) as class_code,
    coalesce(majors.class_name, classes.class_name) as class_name,
    coalesce(majors.category_code, classes.category_code) as category_code,
    coalesce(majors.category_name, classes.category_name) as category_name,
    filed.themes,
    filed.is_flagship,
    filed.entrants,
    filed.enrolled,
    filed.enrolled_grade_1,
    filed.enrolled_grade_2,
    filed.enrolled_grade_3,
    filed.graduates
from filed
inner join accepted on filed.submission_id = accepted.submission_id
left join majors on filed.major_code = majors.code
-- A major outside the catalogue still belongs to the class its first four digits name.
left join classes on substr(filed.major_code, 1, 4) = classes.class_code
