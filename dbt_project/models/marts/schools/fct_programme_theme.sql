-- The form of 2023 did not ask for themes, so that year has no row here: not asked is not none.
with

programmes as (

    select * from {{ ref('fct_programme') }}

),

form_columns as (

    select * from {{ ref('stg_nianbao__form_columns') }}
    where form_table = 'programmes' and column_name = 'themes'

),

themed as (

    select
        programmes.city,
        programmes.year,
        programmes.year_date,
        programmes.school_code,
        programmes.county_code,
        programmes.city_code,
        programmes.province_code,
        programmes.submission_id,
        programmes.row_no,
        programmes.major_code,
        programmes.is_flagship,
        {{ each_of("coalesce(programmes.themes, '')") }} as theme
    from programmes
    inner join form_columns on programmes.year = form_columns.year

)

select distinct
    city,
    year,
    year_date,
    school_code,
    county_code,
    city_code,
    province_code,
    submission_id,
    row_no,
    major_code,
    is_flagship,
    nullif(theme, '') as theme
from themed
