with

country as (

    select * from {{ ref('conditions_standards') }}

),

own as (

    select * from {{ ref('stg_nianbao__standards') }}

),

classes as (

    select * from {{ ref('standards_classes') }}

),

unioned as (

    select
        indicator,
        name_zh,
        unit,
        school_class,
        province_code,
        since_year,
        direction,
        threshold,
        evidence,
        false as is_own
    from country
    union all
    select
        indicator,
        name_zh,
        unit,
        school_class,
        province_code,
        since_year,
        direction,
        cast(threshold as double) as threshold,
        evidence,
        true as is_own
    from own

)

select
    classes.school_class,
    unioned.indicator,
    unioned.name_zh,
    unioned.unit,
    unioned.province_code,
    unioned.since_year,
    unioned.direction,
    unioned.threshold,
    unioned.evidence,
    unioned.is_own
from unioned
inner join classes on unioned.school_class = classes.standards_class
