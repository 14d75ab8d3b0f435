with

rosters as (

    select * from {{ ref('stg_nianbao__rosters') }}

),

accepted as (

    select * from {{ ref('int_submissions_accepted') }}

),

sentences as (

    select * from {{ ref('change_sentences') }}

),

-- Years of a city whose roster of the year before is known.
city_years as (

    select distinct
        this_year.city,
        this_year.year
    from rosters as this_year
    inner join rosters as year_before
        on this_year.city = year_before.city and this_year.year = year_before.year + 1

),

continued as (

    select
        city,
        year,
        school_code as successor_code,
        {{ each_of('predecessor_codes') }} as school_code
    from rosters
    where predecessor_codes is not null

),

successors as (

    select
        continued.city,
        continued.year,
        continued.successor_code,
        max(successor.school_name) as successor_name,
        count(accepted.submission_id) > 0 as is_filed,
        -- One school under another code is no merger.
        count(*) > 1 or count(year_before.school_code) > 0 as is_merger
    from continued
    inner join rosters as successor
        on
            continued.city = successor.city
            and continued.year = successor.year
            and continued.successor_code = successor.school_code
    left join accepted
        on
            continued.city = accepted.city
            and continued.year = accepted.year
            and continued.successor_code = accepted.school_code
    left join rosters as year_before
        on
            continued.city = year_before.city
            and continued.year = year_before.year + 1
            and continued.successor_code = year_before.school_code
    group by continued.city, continued.year, continued.successor_code

),

opened as (

    select
        rosters.city,
        rosters.year,
        rosters.school_code,
        'school_opened' as kind,
        rosters.school_name,
        {{ text(none) }} as name_before,
        {{ text(none) }} as successor_name
    from rosters
    inner join city_years on rosters.city = city_years.city and rosters.year = city_years.year
    left join rosters as year_before
        on
            rosters.city = year_before.city
            and rosters.year = year_before.year + 1
            and rosters.school_code = year_before.school_code
    where year_before.school_code is null and rosters.predecessor_codes is null

),

renamed as (

    select
        rosters.city,
        rosters.year,
        rosters.school_code,
        'school_renamed' as kind,
        rosters.school_name,
        year_before.school_name as name_before,
        {{ text(none) }} as successor_name
    from rosters
    inner join rosters as year_before
        on
            rosters.city = year_before.city
            and rosters.year = year_before.year + 1
            and rosters.school_code = year_before.school_code
    where rosters.school_name <> year_before.school_name

),

gone as (

    select distinct
        city,
        year,
        former_code as school_code,
        former_name as school_name,
        successor_code
    from {{ ref('int_roster_codes_left') }}

),

left_behind as (

    select
        gone.city,
        gone.year,
        gone.school_code,
        case
            when gone.successor_code is null then 'school_closed'
            when not successors.is_filed then 'successor_missing'
            when successors.is_merger then 'school_merged'
            else 'school_recoded'
        end as kind,
        gone.school_name,
        {{ text(none) }} as name_before,
        successors.successor_name
    from gone
    left join successors
        on
            gone.city = successors.city
            and gone.year = successors.year
            and gone.successor_code = successors.successor_code

),

unioned as (

    select * from opened
    union all
    select * from renamed
    union all
    select * from left_behind

)

select
    unioned.city,
    unioned.year,
    unioned.kind,
    unioned.school_code,
    {{ filled('sentences.zh', {
        'school': 'unioned.school_name',
        'school_before': 'unioned.name_before',
        'successor': 'unioned.successor_name',
    }) }} as zh,
    {{ filled('sentences.en', {
        'school': 'unioned.school_name',
        'school_before': 'unioned.name_before',
        'successor': 'unioned.successor_name',
    }) }} as en
from unioned
inner join sentences on unioned.kind = sentences.kind
