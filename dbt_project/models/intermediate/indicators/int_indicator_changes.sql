with

form_columns as (

    select * from {{ ref('stg_nianbao__form_columns') }}

),

indicators as (

    select
        indicator_id,
        {{ each_of('form_columns') }} as form_column
    from {{ ref('int_indicators_declared') }}
    where form_columns is not null

),

sentences as (

    select * from {{ ref('change_sentences') }}

),

definition_changes as (

    {{ definition_changes() }}

),

-- A column of either year, for each year whose form and the one before are known.
asked as (

    select
        year,
        form_table,
        column_name
    from form_columns
    union
    select
        year + 1 as year,
        form_table,
        column_name
    from form_columns

),

years as (

    select distinct year from form_columns

),

paired as (

    select
        asked.year,
        asked.form_table || '.' || asked.column_name as form_column,
        year_now.unit,
        year_before.unit as unit_before,
        coalesce(year_now.unit_zh, no_unit.zh) as unit_zh,
        coalesce(year_now.unit_en, no_unit.en) as unit_en,
        coalesce(year_before.unit_zh, no_unit.zh) as unit_zh_before,
        coalesce(year_before.unit_en, no_unit.en) as unit_en_before,
        year_now.label_zh,
        year_before.label_zh as label_before,
        coalesce(year_now.sheet_zh, year_before.sheet_zh) as sheet_zh,
        coalesce(year_now.sheet_en, year_before.sheet_en) as sheet_en,
        coalesce(year_now.label_en, year_before.label_en) as label_en,
        year_now.year is not null as is_asked,
        year_before.year is not null as was_asked
    from asked
    inner join years on asked.year = years.year
    inner join years as years_before on asked.year = years_before.year + 1
    inner join sentences as no_unit on no_unit.kind = 'no_unit'
    left join form_columns as year_now
        on
            asked.year = year_now.year
            and asked.form_table = year_now.form_table
            and asked.column_name = year_now.column_name
    left join form_columns as year_before
        on
            asked.year = year_before.year + 1
            and asked.form_table = year_before.form_table
            and asked.column_name = year_before.column_name

),

-- Another unit says more than another label, and a column that is new has neither.
form_changes as (

    select
        *,
        case
            when not was_asked then 'column_added'
            when not is_asked then 'column_dropped'
            when coalesce(unit, '') <> coalesce(unit_before, '') then 'unit_changed'
            when label_zh <> label_before then 'column_relabelled'
        end as kind
    from paired

),

form_sentences as (

    select
        form_changes.year,
        form_changes.form_column,
        form_changes.kind,
        {{ filled('sentences.zh', {
            'sheet': 'form_changes.sheet_zh',
            'label': 'form_changes.label_zh',
            'label_before': 'form_changes.label_before',
            'unit': 'form_changes.unit_zh',
            'unit_before': 'form_changes.unit_zh_before',
        }) }} as zh,
        {{ filled('sentences.en', {
            'sheet': 'form_changes.sheet_en',
            'label': 'form_changes.label_en',
            'label_before': 'form_changes.label_en',
            'label_zh': 'form_changes.label_zh',
            'label_zh_before': 'form_changes.label_before',
            'unit': 'form_changes.unit_en',
            'unit_before': 'form_changes.unit_en_before',
        }) }} as en
    from form_changes
    inner join sentences on form_changes.kind = sentences.kind

),

unioned as (

    select
        form_sentences.year,
        indicators.indicator_id,
        form_sentences.kind,
        form_sentences.form_column as place,
        form_sentences.zh,
        form_sentences.en
    from form_sentences
    inner join indicators on form_sentences.form_column = indicators.form_column
    union all
    select
        year,
        indicator_id,
        'definition_changed' as kind,
        '' as place,
        zh,
        en
    from definition_changes

)

select
    year,
    indicator_id,
    kind,
    {{ listed('zh', 'place', separator='') }} as zh,
    {{ listed('en', 'place', separator=' ') }} as en
from unioned
group by year, indicator_id, kind
