-- 一个数字由哪些学校构成（例：就业率）
-- Which schools are behind a figure (here: the share of graduates with a destination)
select
    i.city,
    i.year,
    s.school_name,
    i.numerator,
    i.denominator,
    round(i.value, 2) as value,
    i.unit,
    f.file_name,
    f.received_at
from fct_indicator as i
inner join dim_school as s on i.area_code = s.school_code and i.year = s.year
left join fct_submission as f on s.submission_id = f.submission_id
where i.area_level = 'school'
    and i.indicator_id = 'graduate_destination_rate'
    and i.year = (select max(o.year) from fct_indicator as o where o.city = i.city)
order by i.city, i.value, s.school_name
