with

findings as (

    select
        finding_id,
        rule_id
    from {{ ref('stg_gate__findings') }}

),

rules as (

    select
        rule_id,
        whole,
        add_up
    from {{ ref('stg_gate__rules') }}
    where whole is not null

),

cells as (

    select
        submission_id,
        form_table,
        row_no,
        form_table || '.' || column_name as place,
        try_cast(value_read as double) as number_read
    from {{ ref('stg_nianbao__cells') }}
    where value_read is not null

),

finding_cells as (

    select * from {{ ref('int_finding_cells') }}

),

wholes as (

    select
        findings.finding_id,
        finding_cells.submission_id,
        finding_cells.form_table,
        finding_cells.column_name,
        finding_cells.row_no,
        finding_cells.number_read as whole,
        {{ each_of('rules.add_up') }} as part
    from findings
    inner join rules on findings.rule_id = rules.rule_id
    inner join finding_cells
        on
            findings.finding_id = finding_cells.finding_id
            and rules.whole = finding_cells.form_table || '.' || finding_cells.column_name

)

select
    wholes.finding_id,
    wholes.form_table,
    wholes.column_name,
    wholes.row_no,
    wholes.whole,
    cast(sum(cast(cells.number_read as decimal(38, 6))) as double) as parts
from wholes
inner join cells
    on
        wholes.submission_id = cells.submission_id
        and wholes.part = cells.place
        -- Parts on the whole's own sheet stand on its row; on another they are a row each.
        and (wholes.form_table <> cells.form_table or wholes.row_no = cells.row_no)
where wholes.whole is not null
group by wholes.finding_id, wholes.form_table, wholes.column_name, wholes.row_no, wholes.whole
