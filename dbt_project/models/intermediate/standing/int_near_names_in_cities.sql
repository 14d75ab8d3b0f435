with

accepted as (

    select * from {{ ref('int_submissions_accepted') }}
    where filed_by = 'school'

),

compared as (

    select * from {{ ref('int_names_compared') }}

),

names as (

    select
        filed.*,
        accepted.school_name,
        filed.city || ' ' || filed.year as scope
    from {{ ref('int_names_filed') }} as filed
    inner join accepted on filed.submission_id = accepted.submission_id

),

standing as (

    select distinct
        scope,
        city,
        year,
        column_id,
        name_key
    from names

),

-- A school that wrote both was asked itself.
asked as (

    select distinct
        one.scope,
        compared.column_id,
        compared.name_key,
        compared.near_key
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

near as (

    select
        one.scope,
        compared.column_id,
        compared.name_key,
        compared.near_key
    from compared
    inner join standing as one
        on
            compared.city = one.city
            and compared.year = one.year
            and compared.column_id = one.column_id
            and compared.name_key = one.name_key
    inner join standing as other
        on
            one.scope = other.scope
            and compared.column_id = other.column_id
            and compared.near_key = other.name_key
    left join asked
        on
            one.scope = asked.scope
            and compared.column_id = asked.column_id
            and compared.name_key = asked.name_key
            and compared.near_key = asked.near_key
    where asked.scope is null

),

{{ grouped_names('near') }},

spelt as (

    select
        names.city,
        names.year,
        names.label_zh,
        names.label_en,
        names.column_id,
        grouped_names.head,
        names.name,
        {{ listed("names.school_name || ' ' || names.cell", "names.school_code || names.cell", '、') }} as places
    from names
    inner join grouped_names
        on
            names.scope = grouped_names.scope
            and names.column_id = grouped_names.column_id
            and names.name_key = grouped_names.name_key
    group by
        names.city,
        names.year,
        names.label_zh,
        names.label_en,
        names.column_id,
        grouped_names.head,
        names.name

)

select
    city,
    year,
    label_zh,
    label_en,
    column_id,
    head,
    count(*) as spellings,
    {{ listed("'“' || name || '”'", 'name', '、') }} as names,
    {{ listed("'“' || name || '”（' || places || '）'", 'name', '、') }} as names_and_places
from spelt
group by city, year, label_zh, label_en, column_id, head
