-- 年报印出的数字与计算结果是否一致
-- Do the figures that a report printed agree with what is computed
select
    c.city,
    c.year,
    c.section,
    c.label_zh,
    c.label_en,
    c.printed,
    c.computed,
    c.unit,
    c.verdict,
    c.note
from fct_claim as c
-- 不一致的在前，其次是有标注的 wrong ones first, then those with a note
order by c.verdict = 'matched', c.verdict = 'flagged', c.city, c.claim_id
