with

decisions as (

    select * from {{ ref('fct_decision') }}

),

findings as (

    select * from {{ ref('fct_finding') }}

)

select
    decisions.city,
    decisions.year,
    decisions.decision_id,
    decisions.finding_id,
    decisions.school_code,
    findings.submission_id,
    findings.rule_id,
    findings.cell,
    findings.sentence_zh,
    findings.sentence_en,
    findings.explanation,
    decisions.verb,
    decisions.reason_name_zh,
    decisions.reason_name_en,
    decisions.reason,
    decisions.asked_by,
    decisions.decided_by,
    decisions.decided_at,
    decisions.approved_by,
    decisions.approved_at
from decisions
inner join findings
    on
        decisions.finding_id = findings.finding_id
        and decisions.city = findings.city
        and decisions.year = findings.year
