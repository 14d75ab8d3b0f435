with

exclusions as (

    select * from {{ ref('stg_nianbao__exclusions') }}

),

schools as (

    select * from {{ ref('dim_school') }}

)

select
    exclusions.city,
    exclusions.year,
    exclusions.school_code,
    schools.school_name,
    exclusions.public_note,
    exclusions.excluded_by,
    exclusions.excluded_at
from exclusions
inner join schools
    on
        exclusions.city = schools.city
        and exclusions.year = schools.year
        and exclusions.school_code = schools.school_code
-- A school whose own file counts is excluded no longer.
where not schools.is_accepted
