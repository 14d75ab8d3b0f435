-- Generated from forms/ by `python -m orchestration.staging`; change the form instead.
with

accepted as (

    select * from {{ ref('int_submissions_accepted') }}

),

filed as (

    select * from {{ ref('stg_nianbao__staff') }}

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
    filed.sheet,
    filed.row_no,
    filed.staff,
    filed.full_time_teachers,
    filed.specialised_teachers,
    filed.dual_qualified_teachers,
    filed.political_teachers,
    filed.pe_teachers,
    filed.arts_teachers,
    filed.external_teachers,
    filed.authorised_posts,
    filed.staff_without_post,
    filed.title_senior,
    filed.title_associate_senior,
    filed.title_intermediate,
    filed.title_junior,
    filed.degree_postgraduate,
    filed.degree_bachelor,
    filed.degree_below_bachelor,
    filed.age_under_35,
    filed.age_35_to_44,
    filed.age_45_to_54,
    filed.age_55_and_over,
    filed.recruited_teachers
from filed
inner join accepted on filed.submission_id = accepted.submission_id
