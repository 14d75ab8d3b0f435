-- 几年来怎样变化（一行一个指标，一列一年）
-- How did figures change over the years (a row an indicator, a column a year)
pivot (
    select m.city, m.indicator_id, m.name_zh, m.name_en, m.unit, m.year, m.value
    from city_yearly_metrics as m
    -- 换成别的指标，或删去这一行 other indicators, or without this line
    where m.indicator_id in ('enrolled', 'entrants', 'graduates', 'graduate_destination_rate')
)
on year
using first(round(value, 2))
group by city, indicator_id, name_zh, name_en, unit
order by city, indicator_id
