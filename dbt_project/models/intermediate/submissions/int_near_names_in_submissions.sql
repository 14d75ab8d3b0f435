with

names as (

    select * from {{ ref('int_names_filed') }}

),

compared as (

    select * from {{ ref('int_names_compared') }}

),

near as (

    select distinct
        one.submission_id as scope,
        one.column_id,
        one.name_key,
        other.name_key as near_key
    from compared
    inner join names as one
        on
            compared.city = one.city
            and compared.year = one.year
            and compared.column_id = one.column_id
            and compared.name_key = one.name_key
    inner join names as other
        on
            one.submission_id = other.submission_id
            and compared.column_id = other.column_id
            and compared.near_key = other.name_key

),

{{ grouped_names('near') }},

spelt as (

    select
        names.submission_id,
        names.city,
        names.year,
        names.school_code,
        names.label_zh,
        names.label_en,
        names.column_id,
        grouped_names.head,
        names.name,
        min(names.row_no) as first_row,
        {{ listed('names.cell', 'names.row_no', '、') }} as cells
    from names
    inner join grouped_names
        on
            names.submission_id = grouped_names.scope
            and names.column_id = grouped_names.column_id
            and names.name_key = grouped_names.name_key
    group by
        names.submission_id,
        names.city,
        names.year,
        names.school_code,
        names.label_zh,
        names.label_en,
        names.column_id,
        grouped_names.head,
        names.name

)

select
    submission_id,
    city,
    year,
    school_code,
    label_zh,
    label_en,
    column_id,
    head,
    count(*) as spellings,
    {{ listed("'“' || name || '”'", 'first_row', '、') }} as names,
    {{ listed('cells', 'first_row', '、') }} as names__cell
from spelt
group by submission_id, city, year, school_code, label_zh, label_en, column_id, head
