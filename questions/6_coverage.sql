-- 哪些数字没有统计到全部学校
-- Which figures do not count every school
select
    m.city,
    m.year,
    m.indicator_id,
    m.name_zh,
    m.name_en,
    m.schools_counted,
    m.schools_expected,
    round(100 * m.schools_counted / m.schools_expected, 1) as counted_pct,
    m.status
from city_yearly_metrics as m
where m.schools_counted < m.schools_expected
order by m.city, m.year desc, counted_pct, m.indicator_id
