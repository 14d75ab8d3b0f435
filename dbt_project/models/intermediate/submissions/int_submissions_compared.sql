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

ownerships as (

    select * from {{ ref('stg_nianbao__codes') }}
    where list_name = 'ownership'

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

-- A sign-off is of the file that it first came with: the same name and day in another file was not given for that.
signed as (

    select
        submissions.submission_id,
        submissions.file_name || ' ' || substr(submissions.file_hash, 1, 8) as sign_off__file,
        case
            when fields.cover__confirmed_by is not null and fields.cover__confirmed_on is not null
                then
                    first_value(submissions.file_name || ' ' || substr(submissions.file_hash, 1, 8))
                        over (
                            partition by
                                submissions.city,
                                submissions.year,
                                submissions.school_code,
                                fields.cover__confirmed_by,
                                fields.cover__confirmed_on
                            order by submissions.received_seq
                        )
        end as sign_off__given_for,
        case
            -- A template of before these were asked has no such cells.
            when
                fields.cover__is_confirmed
                and coalesce(fields.cover__confirmed_by__cell, fields.cover__confirmed_on__cell) is not null
                then fields.cover__confirmed_by is not null and fields.cover__confirmed_on is not null
        end as sign_off__is_whole
    from submissions
    inner join fields on submissions.submission_id = fields.submission_id

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
    signed.sign_off__file,
    signed.sign_off__given_for,
    signed.sign_off__is_whole,
    rosters.school_name as roster__school_name,
    rosters.is_monitored as roster__is_monitored,
    rosters.ownership as roster__ownership,
    ownerships.name_zh as roster__ownership_name,
    medians.city_median__students_per_teacher
from submissions
inner join fields on submissions.submission_id = fields.submission_id
inner join signed on submissions.submission_id = signed.submission_id
left join programmes on submissions.submission_id = programmes.submission_id
left join certificates on submissions.submission_id = certificates.submission_id
left join articulation on submissions.submission_id = articulation.submission_id
left join rosters
    on
        submissions.city = rosters.city
        and submissions.school_code = rosters.school_code
        and submissions.year = rosters.year
left join ownerships on rosters.ownership = ownerships.code
left join medians on submissions.city = medians.city and submissions.year = medians.year
