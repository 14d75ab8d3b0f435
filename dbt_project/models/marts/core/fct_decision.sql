with

decisions as (

    select * from {{ source('gate', 'decisions') }}

),

findings as (

    select * from {{ ref('fct_finding') }}

),

reasons as (

    select * from {{ ref('decision_reasons') }}

)

select
    decisions.decision_id,
    decisions.finding_id,
    findings.city,
    findings.year,
    findings.school_code,
    findings.rule_id,
    findings.values_hash,
    decisions.verb,
    decisions.reason_code,
    reasons.name_zh as reason_name_zh,
    reasons.name_en as reason_name_en,
    decisions.reason,
    findings.explanation,
    decisions.asked_by,
    decisions.decided_by,
    decisions.decided_at,
    decisions.approved_by,
    decisions.approved_at,
    decisions.bound_count,
    decisions.bound_per_cent,
    decisions.expires_on
from decisions
inner join findings on decisions.finding_id = findings.finding_id
left join reasons on decisions.reason_code = reasons.reason_code
