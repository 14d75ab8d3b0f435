with

findings as (

    select * from {{ ref('fct_finding') }}

),

rules as (

    select * from {{ ref('dim_rule') }}

),

passed as (

    select * from {{ ref('city_years_passed') }}

),

indicators as (

    select * from {{ ref('dim_indicator') }}
    where years_before > 0

),

claims as (

    select * from {{ ref('fct_claim') }}

),

-- By these words a sentence names a figure of the year before.
words_before as (

    select
        claims.city,
        claims.year,
        claims.claim_id || ' ' || claims.label_zh as words
    from claims
    inner join indicators on claims.indicator_id = indicators.indicator_id
    union all
    select
        null as city,
        null as year,
        name_zh as words
    from indicators

),

naming_before as (

    select distinct findings.finding_id
    from findings
    inner join words_before
        on
            coalesce(words_before.city, findings.city) = findings.city
            and coalesce(words_before.year, findings.year) = findings.year
            and findings.sentence_zh like '%' || words_before.words || '%'
    where findings.stage = 'city'

),

-- What is found in a city's figures names them, and what compares years names those of both.
held_back as (

    select
        findings.finding_id,
        case when passed.city is null then findings.year else findings.year - 1 end as year
    from findings
    left join rules on findings.rule_id = rules.rule_id
    left join passed
        on
            findings.city = passed.city
            and findings.year = passed.year
    left join passed as passed_before
        on
            findings.city = passed_before.city
            and findings.year - 1 = passed_before.year
    left join naming_before on findings.finding_id = naming_before.finding_id
    where
        findings.stage = 'city'
        and (
            passed.city is null
            or (
                passed_before.city is null
                and (rules.family = 'year_on_year' or naming_before.finding_id is not null)
            )
        )

)

select
    findings.* replace (
        case when held_back.finding_id is null then findings.values_typed end as values_typed,
        case
            when held_back.finding_id is null then findings.sentence_zh
            else '本市' || held_back.year || '年关卡未通过，不公布涉及的数字'
        end as sentence_zh,
        case
            when held_back.finding_id is null then findings.sentence_en
            else 'The city gate of ' || held_back.year || ' is not green: its figures are not published'
        end as sentence_en
    )
from findings
left join held_back on findings.finding_id = held_back.finding_id
