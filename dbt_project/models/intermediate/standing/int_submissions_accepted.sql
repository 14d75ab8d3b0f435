with

submissions as (

    select * from {{ ref('stg_nianbao__submissions') }}

),

verdicts as (

    select * from {{ ref('stg_gate__verdicts') }}

),

rosters as (

    select * from {{ ref('stg_nianbao__rosters') }}

),

cities as (

    select * from {{ ref('stg_nianbao__cities') }}

),

accepted as (

    select
        submissions.*,
        row_number() over (
            partition by
                submissions.city, submissions.year, submissions.filed_by, submissions.school_code
            order by submissions.received_seq desc
        ) as recency
    from submissions
    inner join verdicts on submissions.submission_id = verdicts.submission_id
    -- A file that could not be read holds no figures and replaces none, whatever the gate said of it.
    where verdicts.verdict = 'accepted' and submissions.is_read

)

select
    accepted.city,
    accepted.year,
    make_date(accepted.year, 12, 31) as year_date,
    accepted.school_code,
    rosters.school_name,
    rosters.county_code,
    rosters.is_monitored,
    cities.city_code,
    cities.province_code,
    accepted.submission_id,
    accepted.filed_by,
    accepted.file_name,
    accepted.file_hash
from accepted
inner join cities on accepted.city = cities.city
left join rosters
    on
        accepted.city = rosters.city
        and accepted.school_code = rosters.school_code
        and accepted.year = rosters.year
where accepted.recency = 1
