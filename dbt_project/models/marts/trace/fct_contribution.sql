-- depends_on: {{ ref('fct_school') }}, {{ ref('fct_programme') }}, {{ ref('fct_programme_theme') }}
-- depends_on: {{ ref('fct_student') }}, {{ ref('fct_staff') }}, {{ ref('fct_condition_school') }}
-- depends_on: {{ ref('fct_condition') }}, {{ ref('fct_destination') }}, {{ ref('fct_contest') }}
-- depends_on: {{ ref('fct_certificate') }}, {{ ref('fct_training') }}, {{ ref('fct_partnership') }}
-- depends_on: {{ ref('fct_articulation') }}, {{ ref('fct_international') }}, {{ ref('fct_course') }}
-- depends_on: {{ ref('fct_teacher_training') }}, {{ ref('fct_finance') }}
-- depends_on: {{ ref('fct_satisfaction') }}, {{ ref('fct_bureau') }}
with

contributions as (

    {{ contributions_of_rows() }}

)

select
    city,
    year,
    school_code,
    measure,
    row_no,
    quantity,
    counted
from contributions
