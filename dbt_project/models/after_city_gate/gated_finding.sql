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
    where
        findings.stage = 'city'
        and (passed.city is null or (passed_before.city is null and rules.family = 'year_on_year'))

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
