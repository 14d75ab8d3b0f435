with

findings as (

    select * from {{ ref('stg_gate__findings') }}
    where stage = 'submission' and cell is not null

),

accepted as (

    select * from {{ ref('int_submissions_accepted') }}

),

cells as (

    select * from {{ ref('stg_nianbao__cells') }}

),

places as (

    select
        findings.finding_id,
        findings.submission_id,
        accepted.city,
        accepted.year,
        accepted.school_code,
        {{ each_of("replace(findings.cell, '、', ';')") }} as place
    from findings
    inner join accepted on findings.submission_id = accepted.submission_id

),

-- A place is one cell, 学生!B4, or cells of one column, 专业设置!J3:J18.
ranges as (

    select distinct
        finding_id,
        submission_id,
        city,
        year,
        school_code,
        regexp_extract(place, '^(.*!)', 1) as sheet_named,
        regexp_extract(place, '!([A-Z]+)', 1) as letters,
        try_cast(regexp_extract(place, '![A-Z]+([0-9]+)', 1) as integer) as first_line,
        try_cast(regexp_extract(place, '([0-9]+)$', 1) as integer) as last_line
    from places

),

judged as (

    select distinct submission_id from places

),

addressed as (

    select
        cells.*,
        regexp_extract(cells.cell, '^(.*!)', 1) as sheet_named,
        regexp_extract(cells.cell, '!([A-Z]+)', 1) as letters,
        try_cast(regexp_extract(cells.cell, '([0-9]+)$', 1) as integer) as line
    from cells
    inner join judged on cells.submission_id = judged.submission_id

)

-- Where two ranges of one finding meet, a cell is still one.
select distinct
    ranges.finding_id,
    ranges.city,
    ranges.year,
    ranges.school_code,
    ranges.submission_id,
    addressed.form_table,
    addressed.column_name,
    addressed.row_no,
    not {{ has_one_row('addressed.form_table') }} as is_on_rows,
    -- Of a sheet with rows not every cell is asked of every row.
    addressed.value_read is not null
    or (addressed.typed is null and not {{ has_one_row('addressed.form_table') }}) as is_answered,
    addressed.value_read is null as is_blank,
    try_cast(addressed.value_read as double) as number_read
from ranges
inner join addressed
    on
        ranges.submission_id = addressed.submission_id
        and ranges.sheet_named = addressed.sheet_named
        and ranges.letters = addressed.letters
        and addressed.line between ranges.first_line and ranges.last_line
