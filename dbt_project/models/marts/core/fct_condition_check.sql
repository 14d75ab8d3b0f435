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

    select
        classes.school_class,
        standards.indicator,
        standards.name_zh,
        standards.unit,
        standards.direction,
        standards.threshold,
        standards.evidence
    from {{ ref('conditions_standards') }} as standards
    inner join {{ ref('standards_classes') }} as classes
        on standards.school_class = classes.standards_class

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

)

select
    unpivoted.city,
    unpivoted.year,
    unpivoted.year_date,
    unpivoted.school_code,
    unpivoted.county_code,
    unpivoted.city_code,
    unpivoted.province_code,
    unpivoted.school_class,
    unpivoted.is_monitored,
    unpivoted.condition,
    standards.name_zh as condition_name,
    standards.unit,
    unpivoted.value,
    standards.direction,
    standards.threshold,
    standards.evidence,
    -- A value that cannot be computed (no students) is undefined, which is not failing. Rounded, so
    -- that a value exactly at the threshold passes whatever the last bit of the division says.
    case standards.direction
        when 'min' then round(unpivoted.value, 6) >= standards.threshold
        when 'max' then round(unpivoted.value, 6) <= standards.threshold
    end as is_met
from unpivoted
inner join standards
    on unpivoted.school_class = standards.school_class and unpivoted.condition = standards.indicator
