with

claims as (

    select * from {{ ref('city_claims_compared') }}
    where is_equal is not true

),

indicators as (

    select * from {{ ref('dim_indicator') }}

),

cells as (

    select distinct
        measure,
        form_table,
        column_name,
        years_before
    from {{ ref('dim_measure_cell') }}
    where kind = 'cell'

),

columns_of_tables as (

    select distinct
        form_table,
        column_name
    from cells

),

missing as (

    select * from {{ ref('int_filers_missing') }}

),

accepted as (

    select submission_id from {{ ref('int_submissions_accepted') }}

),

schools as (

    select * from {{ ref('stg_nianbao__rosters') }}

),

decisions as (

    select * from {{ ref('stg_gate__decisions') }}

),

rules as (

    select * from {{ ref('stg_gate__rules') }}

),

-- A file with a finding that asks for an explanation counts by a decision alone.
explained as (

    select
        findings.*,
        rules.frame,
        coalesce(schools.school_name, '市级填报') as filer_zh,
        coalesce(schools.school_name, 'the bureau''s own form') as filer_en,
        decisions.decided_by
    from {{ ref('stg_gate__findings') }} as findings
    inner join accepted on findings.submission_id = accepted.submission_id
    inner join rules on findings.rule_id = rules.rule_id
    left join decisions
        on
            findings.decision_id = decisions.decision_id
            and findings.finding_id = decisions.finding_id
    left join schools
        on
            findings.city = schools.city
            and findings.year = schools.year
            and findings.school_code = schools.school_code
    where findings.class = 'explain'

),

read_by as (

    select distinct
        claims.city,
        claims.year,
        claims.claim_id,
        claims.area_level,
        claims.area_code,
        indicators.filed_by,
        claims.year - cells.years_before as filed_year,
        cells.form_table,
        cells.column_name
    from claims
    inner join indicators on claims.made_of = indicators.indicator_id
    inner join cells
        on indicators.numerator = cells.measure or indicators.denominator = cells.measure

),

lacking as (

    select distinct
        read_by.city,
        read_by.year,
        read_by.claim_id,
        case when read_by.filed_year < read_by.year then read_by.filed_year || ' 年' else '' end
        || missing.name_zh
        || case missing.state
            when 'returned' then '（已退回）' when 'waiting' then '（待说明）'
            when 'excluded' then '（具名排除）' else '（未报）'
        end as zh,
        missing.name_en || ' (' || missing.state
        || case when read_by.filed_year < read_by.year then ', ' || read_by.filed_year else '' end
        || ')' as en
    from read_by
    inner join missing
        on
            read_by.city = missing.city
            and read_by.filed_year = missing.year
            and read_by.filed_by = missing.filed_by
            and (read_by.area_level <> 'county' or read_by.area_code = missing.county_code)

),

-- A line that is accepted brings all its cells, and the totals of the same name elsewhere.
touched as (

    select
        read_by.city,
        read_by.year,
        read_by.claim_id,
        explained.finding_id
    from read_by
    inner join explained on read_by.city = explained.city and read_by.filed_year = explained.year
    inner join columns_of_tables
        on
            explained.frame = columns_of_tables.form_table
            and read_by.column_name = columns_of_tables.column_name
    where
        explained.school_code is not null
        or contains(explained.values_typed, '"' || read_by.column_name || '"')
    union
    select
        read_by.city,
        read_by.year,
        read_by.claim_id,
        explained.finding_id
    from read_by
    inner join explained on read_by.city = explained.city and read_by.filed_year = explained.year
    where
        contains(explained.values_typed, '"' || read_by.form_table || '__' || read_by.column_name || '"')
        or contains(explained.values_typed, '"' || read_by.form_table || '__' || read_by.column_name || '_sum"')

),

decided as (

    select distinct
        touched.city,
        touched.year,
        touched.claim_id,
        explained.filer_zh || '：' || explained.sentence_zh
        || '（' || coalesce(explained.decided_by, '') || '说明通过）' as zh,
        explained.filer_en || ': ' || explained.sentence_en
        || coalesce(' (accepted by ' || explained.decided_by || ')', ' (accepted)') as en
    from touched
    inner join explained
        on touched.finding_id = explained.finding_id and touched.city = explained.city

),

told as (

    select
        city,
        year,
        claim_id,
        'incomplete' as cause,
        {{ listed('zh', 'zh', separator='、') }} as zh,
        {{ listed('en', 'en', separator=', ') }} as en
    from lacking
    group by city, year, claim_id
    union all
    select
        city,
        year,
        claim_id,
        'decided' as cause,
        {{ listed('zh', 'zh', separator='、') }} as zh,
        {{ listed('en', 'en', separator=', ') }} as en
    from decided
    group by city, year, claim_id

),

ranked as (

    select
        *,
        row_number() over (partition by city, year, claim_id order by cause desc) as place
    from told

)

-- What is missing comes before what was decided.
select
    city,
    year,
    claim_id,
    cause,
    zh,
    en
from ranked
where place = 1
