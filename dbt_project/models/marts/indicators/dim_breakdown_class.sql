with

declared as (

    select * from {{ ref('breakdown_classes') }}

),

majors as (

    select * from {{ ref('majors') }}

),

major_classes as (

    select * from {{ ref('major_classes') }}

),

standards as (

    select * from {{ ref('int_condition_standards') }}

),

areas as (

    select * from {{ ref('dim_area') }}

),

categories as (

    select
        category_code,
        category_name
    from majors
    union
    select
        category_code,
        category_name
    from major_classes

),

named as (

    select
        breakdown,
        class_code,
        position,
        name_zh,
        name_en
    from declared
    union all
    select
        'major_category' as breakdown,
        category_code as class_code,
        0 as position,
        min(category_name) as name_zh,
        {{ text(none) }} as name_en
    from categories
    where category_code is not null
    group by category_code
    union all
    select
        'condition' as breakdown,
        indicator as class_code,
        0 as position,
        min(name_zh) as name_zh,
        {{ text(none) }} as name_en
    from standards
    group by indicator
    union all
    select
        'county' as breakdown,
        area_code as class_code,
        0 as position,
        coalesce(area_name, area_code) as name_zh,
        {{ text(none) }} as name_en
    from areas
    where area_level = 'county'

)

select
    breakdown,
    class_code,
    cast(row_number() over (partition by breakdown order by position, class_code) as bigint) as position,
    name_zh,
    name_en
from named
