with

submissions as (

    select * from {{ ref('stg_nianbao__submissions') }}
    where is_read and filed_by = 'school'

),

cities as (

    select * from {{ ref('stg_nianbao__cities') }}

),

fields as (

    select * from {{ ref('int_submission_fields_joined') }}

),

standards as (

    select * from {{ ref('int_condition_standards') }}

),

measured as (

    select
        submissions.submission_id,
        submissions.year,
        cities.province_code,
        fields.profile__school_class as school_class,
        fields.conditions__campus_area_m2 as campus_area,
        fields.conditions__campus_area_m2 / nullif(fields.students__enrolled, 0) as campus_area_per_student,
        fields.conditions__building_area_m2 as building_area,
        fields.conditions__building_area_m2 / nullif(fields.students__enrolled, 0) as building_area_per_student,
        cast(fields.staff__full_time_teachers as double) as full_time_teachers,
        case
            when fields.students__enrolled > 0
                then fields.students__enrolled / nullif(fields.staff__full_time_teachers, 0)
        end as student_teacher_ratio,
        fields.conditions__equipment_value_10k_cny as equipment_value,
        fields.conditions__equipment_value_10k_cny * 10000 / nullif(fields.students__enrolled, 0)
            as equipment_value_per_student,
        fields.conditions__books / nullif(fields.students__enrolled, 0) as books_per_student
    from submissions
    inner join cities on submissions.city = cities.city
    inner join fields on submissions.submission_id = fields.submission_id

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
            partition by unpivoted.submission_id, unpivoted.condition
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
    submission_id,
    school_class,
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
