-- 各城市最近一年发布了哪些数字，单位、分子和分母是什么
-- What did each city publish for its latest year, in which unit, over what
select
    m.city,
    m.year,
    m.indicator_id,
    m.name_zh,
    m.name_en,
    m.value_printed,
    m.unit,
    m.numerator,
    d.numerator_name_zh,
    m.denominator,
    d.denominator_name_zh,
    m.schools_counted,
    m.schools_expected,
    m.status
from city_yearly_metrics as m
inner join dim_indicator as d on m.indicator_id = d.indicator_id
-- 其他年度 another year: and m.year = 2023
where m.year = (select max(o.year) from city_yearly_metrics as o where o.city = m.city)
order by m.city, d.section, m.indicator_id
