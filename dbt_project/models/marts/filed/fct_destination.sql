-- Generated from forms/ by `python -m orchestration.staging`; change the form instead.
with

accepted as (

    select * from {{ ref('int_submissions_accepted') }}

),

filed as (

    select * from {{ ref('stg_nianbao__destinations') }}

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
    filed.graduates,
    filed.directly_employed,
    filed.further_study,
    filed.without_destination,
    filed.contract_employed,
    filed.enlisted,
    filed.self_employed,
    filed.flexibly_employed,
    filed.own_field_employed,
    filed.to_bachelor,
    filed.to_associate,
    filed.via_general_exam,
    filed.via_vocational_exam,
    filed.via_abroad,
    filed.via_articulated,
    filed.via_five_year,
    filed.seeking_work,
    filed.preparing_study,
    filed.otherwise_not_employed,
    filed.employed_primary_sector,
    filed.employed_secondary_sector,
    filed.employed_tertiary_sector,
    filed.employed_locally
from filed
inner join accepted on filed.submission_id = accepted.submission_id
