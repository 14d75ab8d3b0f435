select
    city,
    year
from {{ ref('fct_city_gate') }}
where verdict = 'passed'
