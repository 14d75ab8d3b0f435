with

cells as (

    select * from {{ ref('trace_cells') }}

),

-- A row adds once, however many cells of it are read.
filed_rows as (

    select distinct
        city,
        year,
        indicator_id,
        part,
        measure,
        school_code,
        row_no,
        aggregation,
        quantity,
        counted
    from cells
    where breakdown is null

)

select
    city,
    year,
    indicator_id,
    part,
    measure,
    school_code,
    case
        when aggregation = 'sum' then cast(sum(cast(quantity as decimal(38, 6))) as double)
        else cast(count(distinct counted) as double)
    end as value
from filed_rows
group by city, year, indicator_id, part, measure, school_code, aggregation
