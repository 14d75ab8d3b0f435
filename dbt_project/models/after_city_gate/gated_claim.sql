with

claims as (

    select * from {{ ref('fct_claim') }}

),

passed as (

    select * from {{ ref('city_years_passed') }}

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
