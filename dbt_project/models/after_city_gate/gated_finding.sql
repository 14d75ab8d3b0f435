with

findings as (

    select * from {{ ref('fct_finding') }}

),

passed as (

    select * from {{ ref('city_years_passed') }}

)

select
    findings.* replace (
        -- What is found in a city's figures names them.
        case when findings.stage <> 'city' or passed.city is not null then findings.values_typed end as values_typed,
        case
            when findings.stage <> 'city' or passed.city is not null then findings.sentence_zh
            else '本市关卡未通过，不公布涉及的数字'
        end as sentence_zh,
        case
            when findings.stage <> 'city' or passed.city is not null then findings.sentence_en
            else 'The city gate is not green: its figures are not published'
        end as sentence_en
    )
from findings
left join passed
    on
        findings.city = passed.city
        and findings.year = passed.year
