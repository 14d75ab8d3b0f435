-- Generated from forms/ by `python -m orchestration.staging`; change the form instead.
with

accepted as (

    select * from {{ ref('int_submissions_accepted') }}

),

filed as (

    select * from {{ ref('stg_nianbao__bureau') }}

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
    filed.lead_colleges,
    filed.education_groups,
    filed.county_learning_centres,
    filed.county_official_visits,
    filed.paired_school_visits,
    filed.exchange_sent,
    filed.exchange_received,
    filed.newly_paired_schools,
    filed.paired_schools,
    filed.institutions_visiting_enterprises,
    filed.enterprises_visited,
    filed.research_reports,
    filed.enterprise_events,
    filed.institution_events,
    filed.event_enterprises_visited,
    filed.industry_education_consortia,
    filed.building_funds_10k_cny,
    filed.building_projects,
    filed.flagship_major_groups,
    filed.livestock_course_trainees,
    filed.city_teacher_contest_institutions,
    filed.city_teacher_contest_teachers,
    filed.city_student_contest_institutions,
    filed.city_student_contest_students,
    filed.next_contest_students_recommended,
    filed.open_education_measures,
    filed.education_week_activities,
    filed.award_subsidy_funds_10k_cny,
    filed.award_subsidy_building_funds_10k_cny
from filed
inner join accepted on filed.submission_id = accepted.submission_id
