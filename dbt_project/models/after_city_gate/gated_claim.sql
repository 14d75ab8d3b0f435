with

claims as (

    select * from {{ ref('fct_claim') }}

),

years_passed as (

    select * from {{ ref('city_years_passed') }}

),

indicators as (

    select * from {{ ref('dim_indicator') }}

),

-- The names that lead by enrolment are no indicator: they pass with their year.
passed as (

    select
        claims.claim_id,
        claims.city,
        claims.year
    from claims
    inner join years_passed
        on
            claims.city = years_passed.city
            and claims.year = years_passed.year
    left join indicators on claims.indicator_id = indicators.indicator_id
    left join years_passed as passed_before
        on
            claims.city = passed_before.city
            and claims.year - 1 = passed_before.year
    where coalesce(indicators.years_before, 0) = 0 or passed_before.city is not null

)

select
    claims.* replace (
        case when passed.city is not null then claims.computed end as computed,
        -- That a figure matches says what it is.
        case when passed.city is not null then claims.verdict else 'withheld' end as verdict,
        case when passed.city is not null then claims.cause_zh end as cause_zh,
        case when passed.city is not null then claims.cause_en end as cause_en
    )
from claims
left join passed
    on
        claims.city = passed.city
        and claims.year = passed.year
        and claims.claim_id = passed.claim_id
