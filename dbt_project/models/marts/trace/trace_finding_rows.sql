with

cells as (

    select * from {{ ref('int_finding_cells') }}

),

schools as (

    select distinct
        city,
        year,
        school_code
    from cells

),

rows_held as (

    {{ rows_held_for_measures('schools') }}

)

select
    city,
    year,
    school_code,
    measure,
    row_no,
    quantity,
    counted,
    filled,
    about,
    blank
from rows_held
