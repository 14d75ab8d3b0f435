with

submissions as (

    select *
    from {{ ref('stg_nianbao__submissions') }}
    where is_read and filed_by = 'school'

),

fields as (

    select * from {{ ref('int_submission_fields_joined') }}

),

rosters as (

    select * from {{ ref('stg_nianbao__rosters') }}

),

programmes as (

    select
        submission_id,
        {{ whole_sum('entrants') }} as programmes__entrants_sum,
        {{ span('entrants') }} as programmes__entrants_sum__cell,
        {{ whole_sum('enrolled') }} as programmes__enrolled_sum,
        {{ span('enrolled') }} as programmes__enrolled_sum__cell,
        {{ whole_sum('graduates') }} as programmes__graduates_sum,
        {{ span('graduates') }} as programmes__graduates_sum__cell,
        count(*) as programmes__offerings
    from {{ ref('stg_nianbao__programmes') }}
    group by submission_id

),

certificates as (

    select
        submission_id,
        {{ whole_sum('holders') }} as certificates__holders_sum,
        {{ span('holders') }} as certificates__holders_sum__cell
    from {{ ref('stg_nianbao__certificates') }}
    group by submission_id

),

articulation as (

    select
        submission_id,
        sum(entrants) as articulation__entrants_sum,
        {{ span('entrants') }} as articulation__entrants_sum__cell
    from {{ ref('stg_nianbao__articulation') }}
    group by submission_id

),

medians as (

    select
        received.city,
        received.year,
        median(fields.students__enrolled / nullif(fields.staff__full_time_teachers, 0))
            as city_median__students_per_teacher
    from {{ ref('int_submissions_received') }} as received
    inner join fields on received.submission_id = fields.submission_id
    -- What stands is not known before it is judged: each school's newest file counts here.
    where received.is_newest_read
    group by received.city, received.year

)

select
    submissions.city,
    submissions.school_code,
    submissions.year,
    submissions.file_name,
    make_date(submissions.year, 1, 1) as year_begins,
    make_date(submissions.year + 1, 12, 31) as year_after_ends,
    fields.*,
    programmes.programmes__entrants_sum,
    programmes.programmes__entrants_sum__cell,
    programmes.programmes__enrolled_sum,
    programmes.programmes__enrolled_sum__cell,
    programmes.programmes__graduates_sum,
    programmes.programmes__graduates_sum__cell,
    coalesce(programmes.programmes__offerings, 0) as programmes__offerings,
    certificates.certificates__holders_sum,
    certificates.certificates__holders_sum__cell,
    articulation.articulation__entrants_sum,
    articulation.articulation__entrants_sum__cell,
    rosters.school_name as roster__school_name,
    rosters.is_monitored as roster__is_monitored,
    medians.city_median__students_per_teacher
from submissions
inner join fields on submissions.submission_id = fields.submission_id
left join programmes on submissions.submission_id = programmes.submission_id
left join certificates on submissions.submission_id = certificates.submission_id
left join articulation on submissions.submission_id = articulation.submission_id
left join rosters
    on
        submissions.city = rosters.city
        and submissions.school_code = rosters.school_code
        and submissions.year = rosters.year
left join medians on submissions.city = medians.city and submissions.year = medians.year
