-- 每个指标是怎样算的
-- How is each indicator computed
select
    d.section,
    d.indicator_id,
    d.name_zh,
    d.name_en,
    d.unit,
    d.kind,
    d.numerator_name_zh,
    d.numerator_formula,
    d.denominator_name_zh,
    d.denominator_formula,
    d.cities
from dim_indicator as d
order by d.section, d.indicator_id
