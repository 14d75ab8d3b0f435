-- 哪些疑点经说明通过，谁决定的（没有的城市也列一行）
-- Which findings were accepted with an explanation, and by whom (a row too for a city without any)
with accepted as (
    select d.*, f.school_code as school, f.sentence_zh, f.sentence_en
    from fct_decision as d
    inner join fct_finding as f on d.finding_id = f.finding_id
    where d.verb = 'accept' and f.state = 'explained'
)

select
    g.city,
    g.year,
    a.school,
    s.school_name,
    a.sentence_zh,
    a.sentence_en,
    a.explanation,
    a.reason_name_zh,
    a.reason,
    a.decided_by,
    a.decided_at,
    a.approved_by
from fct_city_gate as g
left join accepted as a on g.city = a.city and g.year = a.year
left join dim_school as s on a.school = s.school_code and a.year = s.year
order by g.city, g.year desc, a.school, a.rule_id
