-- The form of 2023 did not ask for themes, so that year has no row here: not asked is not none.
with

programmes as (

    select * from {{ ref('fct_programme') }}

),

themed as (

    select
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
        {{ each_of('themes') }} as theme
    from programmes

)

select distinct * from themed
