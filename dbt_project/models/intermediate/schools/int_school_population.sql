with recursive

rosters as (

    select * from {{ ref('stg_nianbao__rosters') }}

),

cities as (

    select * from {{ ref('stg_nianbao__cities') }}

),

accepted as (

    select * from {{ ref('int_submissions_accepted') }}
    where filed_by = 'school'

),

profiles as (

    select * from {{ ref('stg_nianbao__profile') }}

),

students as (

    select * from {{ ref('stg_nianbao__students') }}

),

destinations as (

    select * from {{ ref('stg_nianbao__destinations') }}

),

filed as (

    select
        accepted.school_code,
        accepted.year,
        profiles.ownership,
        students.enrolled,
        destinations.graduates
    from accepted
    left join profiles on accepted.submission_id = profiles.submission_id
    left join students on accepted.submission_id = students.submission_id
    left join destinations on accepted.submission_id = destinations.submission_id

),

predecessors as (

    select
        city,
        year,
        school_code,
        {{ each_of('predecessor_codes') }} as filed_code
    from rosters
    where predecessor_codes is not null

),

-- Those before these too: where one code followed another, and that one a third.
lineage as (

    select
        city,
        school_code,
        year as since_year,
        filed_code,
        year - 1 as until_year
    from predecessors
    union
    select
        lineage.city,
        lineage.school_code,
        lineage.since_year,
        predecessors.filed_code,
        predecessors.year - 1 as until_year
    from lineage
    inner join predecessors
        on
            lineage.city = predecessors.city
            and lineage.filed_code = predecessors.school_code
            and lineage.until_year >= predecessors.year

),

-- The codes that a school has filed under: its own, and until it came those that the roster names.
codes as (

    select
        city,
        year,
        school_code,
        school_code as filed_code,
        year as until_year
    from rosters
    union
    select
        rosters.city,
        rosters.year,
        rosters.school_code,
        lineage.filed_code,
        lineage.until_year
    from rosters
    inner join lineage
        on
            rosters.city = lineage.city
            and rosters.school_code = lineage.school_code
            and rosters.year >= lineage.since_year

),

listed as (

    select distinct
        school_code,
        year
    from rosters

),

-- What two schools filed that are one now it weighs together, where both did.
filed_by_year as (

    select
        codes.city,
        codes.year,
        codes.school_code,
        listed.year as known_year,
        case
            when min(filed.ownership) = max(filed.ownership) then min(filed.ownership)
        end as ownership,
        {{ whole_sum('filed.enrolled') }} as enrolled,
        {{ whole_sum('filed.graduates') }} as graduates
    from codes
    inner join listed on codes.filed_code = listed.school_code and codes.until_year >= listed.year
    left join filed on listed.school_code = filed.school_code and listed.year = filed.year
    group by codes.city, codes.year, codes.school_code, listed.year
    having count(filed.year) > 0

),

-- What a school filed in the year, or in the newest year before it: all of one year.
known as (

    select
        rosters.city,
        rosters.year,
        rosters.school_code,
        filed_by_year.known_year,
        filed_by_year.ownership,
        filed_by_year.enrolled,
        filed_by_year.graduates,
        row_number() over (
            partition by rosters.city, rosters.year, rosters.school_code
            order by filed_by_year.known_year desc
        ) as newest
    from rosters
    left join filed_by_year
        on
            rosters.city = filed_by_year.city
            and rosters.year = filed_by_year.year
            and rosters.school_code = filed_by_year.school_code

),

city_years as (

    select distinct
        city,
        year
    from rosters

),

-- Figures of the year before are of the schools of its roster, whatever became of them since.
asked as (

    select
        city,
        year,
        0 as years_before
    from city_years
    union all
    select
        this_year.city,
        this_year.year,
        1 as years_before
    from city_years as this_year
    inner join city_years as year_before
        on this_year.city = year_before.city and this_year.year = year_before.year + 1

)

select
    asked.city,
    asked.year,
    asked.years_before,
    rosters.school_code,
    rosters.county_code,
    cities.city_code,
    cities.province_code,
    coalesce(known.known_year = rosters.year, false) as is_filed,
    known.known_year,
    coalesce(rosters.ownership, known.ownership) as ownership,
    coalesce(rosters.ownership, case when known.known_year = rosters.year then known.ownership end)
        as ownership_of_year,
    rosters.is_monitored,
    known.enrolled,
    known.graduates
from asked
inner join rosters on asked.city = rosters.city and asked.year = rosters.year + asked.years_before
inner join cities on rosters.city = cities.city
inner join known
    on
        rosters.city = known.city
        and rosters.year = known.year
        and rosters.school_code = known.school_code
        and known.newest = 1
