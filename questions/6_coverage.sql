-- 哪些数字没有统计到应填报的全部学校
-- Which figures do not count every school that could file them
select
    m.city,
    m.year,
    m.indicator_id,
    m.name_zh,
    m.name_en,
    d.population_name_zh,
    d.population_name_en,
    m.schools_counted,
    m.schools_expected,
    round(100 * m.schools_counted / m.schools_expected, 1) as counted_pct,
    round(m.weight_covered_pct, 1) as weight_covered_pct,
    m.status
from city_yearly_metrics as m
inner join dim_indicator as d on m.indicator_id = d.indicator_id
where m.schools_counted < m.schools_expected
order by m.city, m.year desc, counted_pct, m.indicator_id
