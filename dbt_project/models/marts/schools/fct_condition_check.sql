with

schools as (

    select * from {{ ref('dim_school') }}
    where is_accepted

),

conditions as (

    select * from {{ ref('fct_condition') }}

),

size_by_school as (

    select * from {{ ref('fct_school') }}

),

standards as (

    select * from {{ ref('int_condition_standards') }}

),

measured as (

    select
        schools.city,
        schools.year,
        schools.year_date,
        schools.school_code,
        schools.county_code,
        schools.city_code,
        schools.province_code,
        schools.school_class,
        schools.is_monitored,
        conditions.campus_area_m2 as campus_area,
        conditions.campus_area_m2 / nullif(size_by_school.enrolled, 0) as campus_area_per_student,
        conditions.building_area_m2 as building_area,
        conditions.building_area_m2 / nullif(size_by_school.enrolled, 0) as building_area_per_student,
        cast(size_by_school.full_time_teachers as double) as full_time_teachers,
        case
            when size_by_school.enrolled > 0
                then size_by_school.enrolled / nullif(size_by_school.full_time_teachers, 0)
        end as student_teacher_ratio,
        conditions.equipment_value_10k_cny as equipment_value,
        conditions.equipment_value_10k_cny * 10000 / nullif(size_by_school.enrolled, 0)
            as equipment_value_per_student,
        conditions.books / nullif(size_by_school.enrolled, 0) as books_per_student
    from schools
    left join conditions on schools.submission_id = conditions.submission_id
    left join size_by_school on schools.submission_id = size_by_school.submission_id

),

unpivoted as (

    select *
    from measured
    unpivot include nulls (
        value for condition in (
            campus_area,
            campus_area_per_student,
            building_area,
            building_area_per_student,
            full_time_teachers,
            student_teacher_ratio,
            equipment_value,
            equipment_value_per_student,
            books_per_student
        )
    )

),

-- The province's threshold before the country's, the newest that is in force, the home's own first.
compared as (

    select
        unpivoted.*,
        standards.name_zh as condition_name,
        standards.unit,
        standards.direction,
        standards.threshold,
        standards.evidence,
        row_number() over (
            partition by unpivoted.city, unpivoted.year, unpivoted.school_code, unpivoted.condition
            order by
                case when standards.province_code is null then 1 else 0 end,
                standards.since_year desc,
                case when standards.is_own then 0 else 1 end
        ) as preference
    from unpivoted
    inner join standards
        on
            unpivoted.school_class = standards.school_class
            and unpivoted.condition = standards.indicator
            and unpivoted.year >= standards.since_year
            and (standards.province_code is null or unpivoted.province_code = standards.province_code)

)

select
    city,
    year,
    year_date,
    school_code,
    county_code,
    city_code,
    province_code,
    school_class,
    is_monitored,
    condition,
    condition_name,
    unit,
    value,
    direction,
    threshold,
    evidence,
    -- A value that cannot be computed (no students) is undefined, which is not failing. Rounded, so
    -- that a value exactly at the threshold passes whatever the last bit of the division says.
    case direction
        when 'min' then round(value, 6) >= threshold
        when 'max' then round(value, 6) <= threshold
    end as is_met
from compared
where preference = 1
