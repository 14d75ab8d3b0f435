-- Generated from forms/ by `python -m orchestration.staging`; change the form instead.
with

accepted as (

    select * from {{ ref('int_submissions_accepted') }}

),

filed as (

    select * from {{ ref('stg_nianbao__articulation') }}

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
    filed.programme,
    filed.partner,
    filed.partner_level,
    filed.entrants
from filed
inner join accepted on filed.submission_id = accepted.submission_id
