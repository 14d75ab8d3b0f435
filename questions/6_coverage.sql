-- 每个数字统计了应填报学校中的几所，不足的在前
-- How many of the schools that could file a figure it counts, those that lack some first
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
order by m.city, m.year desc, counted_pct, m.indicator_id
