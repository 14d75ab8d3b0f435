with

claims as (

    select * from {{ ref('city_claims_compared') }}

),

causes as (

    select * from {{ ref('city_claim_causes') }}

),

printed as (

    select * from {{ ref('stg_nianbao__printed') }}

)

select
    claims.city,
    claims.year,
    claims.claim_id,
    claims.section,
    claims.label_zh,
    claims.label_en,
    claims.indicator_id,
    claims.area_code,
    claims.compare,
    claims.printed,
    claims.computed,
    claims.unit,
    case
        when claims.is_equal and claims.is_flagged then 'flagged'
        when claims.is_equal then 'matched'
        when causes.cause is not null then causes.cause
        -- What was printed stays what that print says: a later truth is a revision of it.
        when printed.city is not null then 'revised'
        -- A figure that could not be computed is as wrong as one that differs.
        else 'wrong'
    end as verdict,
    causes.zh as cause_zh,
    causes.en as cause_en,
    claims.note
from claims
left join causes
    on
        claims.city = causes.city
        and claims.year = causes.year
        and claims.claim_id = causes.claim_id
left join printed
    on claims.city = printed.city and claims.year = printed.year
