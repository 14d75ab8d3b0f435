with

findings as (

    select * from {{ ref('stg_gate__findings') }}
    where stage = 'submission'

),

finding_cells as (

    select * from {{ ref('int_finding_cells') }}

),

finding_sums as (

    select * from {{ ref('int_finding_sums') }}

),

finding_rows as (

    select * from {{ ref('trace_finding_rows') }}

),

submissions as (

    select * from {{ ref('int_submissions_received') }}

),

accepted as (

    select * from {{ ref('int_submissions_accepted') }}

),

measure_cells as (

    select * from {{ ref('dim_measure_cell') }}
    where kind = 'cell' and years_before = 0

),

contributions as (

    select * from {{ ref('fct_contribution') }}

),

contributions_by_class as (

    select * from {{ ref('fct_contribution_by_class') }}

),

definitions as (

    select * from {{ ref('dim_indicator') }}

),

figures as (

    select * from {{ ref('fct_indicator') }}
    where area_level = 'city'

),

schools as (

    {{ schools_weighed() }}

),

parts as (

    select
        indicator_id,
        numerator as measure
    from definitions
    union all
    select
        indicator_id,
        denominator as measure
    from definitions
    where denominator is not null

),

read_by_measures as (

    select
        finding_cells.finding_id,
        measure_cells.measure,
        measure_cells.is_on_row,
        measure_cells.is_for_all_rows,
        measure_cells.class_code,
        max(case when measure_cells.is_on_row and finding_cells.is_on_rows then 1 else 0 end) as is_row,
        min(case when finding_cells.is_answered then 1 else 0 end) as is_answered,
        max(case when finding_cells.is_blank then 1 else 0 end) as is_blank
    from finding_cells
    inner join measure_cells
        on
            finding_cells.form_table = measure_cells.form_table
            and finding_cells.column_name = measure_cells.column_name
    -- Whether a school meets all conditions hangs on many cells: the single checks are told of these.
    where
        measure_cells.is_on_row or measure_cells.is_for_all_rows
        or measure_cells.class_code is not null
        or not finding_cells.is_answered
    group by
        finding_cells.finding_id, measure_cells.measure, measure_cells.is_on_row,
        measure_cells.is_for_all_rows, measure_cells.class_code

),

-- The figures that are made from a finding's cells.
fed as (

    select
        read_by_measures.finding_id,
        parts.indicator_id,
        max(read_by_measures.is_row) as is_row,
        min(read_by_measures.is_answered) as is_answered,
        max(read_by_measures.is_blank) as is_blank
    from read_by_measures
    inner join parts on read_by_measures.measure = parts.measure
    group by read_by_measures.finding_id, parts.indicator_id

),

filed as (

    select distinct
        finding_id,
        city,
        year,
        school_code
    from finding_cells

),

fed_measures as (

    select distinct
        filed.*,
        parts.measure
    from fed
    inner join parts on fed.indicator_id = parts.indicator_id
    inner join filed on fed.finding_id = filed.finding_id

),

-- A row that goes takes all with it that it adds to a figure, above and below the line. What stands
-- beside the rows of a measure stands for all of them, as the cover's code, or for one class of them,
-- as the books for one condition.
rows_named as (

    select distinct
        finding_cells.finding_id,
        measure_cells.measure,
        finding_cells.row_no
    from finding_cells
    inner join measure_cells on finding_cells.form_table = measure_cells.form_table
    where measure_cells.is_on_row
    union
    select
        finding_id,
        measure,
        null as row_no
    from read_by_measures
    where is_for_all_rows and not is_on_row and class_code is null

),

left_out as (

    select distinct
        fed_measures.finding_id,
        contributions.*
    from fed_measures
    inner join rows_named
        on
            fed_measures.finding_id = rows_named.finding_id
            and fed_measures.measure = rows_named.measure
    inner join contributions
        on
            fed_measures.city = contributions.city
            and fed_measures.year = contributions.year
            and fed_measures.school_code is not distinct from contributions.school_code
            and fed_measures.measure = contributions.measure
            and (rows_named.row_no is null or rows_named.row_no = contributions.row_no)

),

-- What the school has of each measure, and what it has without these rows: a school that one blank
-- row keeps out of a sum is in it again where that row goes.
rows_of_schools as (

    select
        fed_measures.finding_id,
        fed_measures.measure,
        finding_rows.quantity,
        finding_rows.counted,
        finding_rows.filled,
        finding_rows.about,
        finding_rows.blank,
        whole_schools.finding_id is null and rows_named.finding_id is null as is_kept
    from fed_measures
    inner join finding_rows
        on
            fed_measures.city = finding_rows.city
            and fed_measures.year = finding_rows.year
            and fed_measures.school_code = finding_rows.school_code
            and fed_measures.measure = finding_rows.measure
    left join rows_named
        on
            fed_measures.finding_id = rows_named.finding_id
            and fed_measures.measure = rows_named.measure
            and finding_rows.row_no = rows_named.row_no
    left join rows_named as whole_schools
        on
            fed_measures.finding_id = whole_schools.finding_id
            and fed_measures.measure = whole_schools.measure
            and whole_schools.row_no is null

),

sides as (

    select
        finding_id,
        measure,
        sum(filled) > 0 and sum(blank) = 0 as is_in,
        sum(about) > 0 as has_row,
        sum(case when is_kept then 0 else blank end) > 0 as lacks_row,
        sum(case when is_kept then filled else 0 end) > 0
        and sum(case when is_kept then blank else 0 end) = 0 as is_in_without,
        sum(case when is_kept then about else 0 end) > 0 as has_row_without,
        sum(case when is_kept then cast(quantity as decimal(38, 6)) end) as quantity_without
    from rows_of_schools
    group by finding_id, measure

),

held as (

    select
        city,
        year,
        measure,
        counted,
        count(*) as filed_rows
    from contributions
    group by city, year, measure, counted

),

held_in_all as (

    select
        city,
        year,
        measure,
        sum(filed_rows) as filed_rows
    from held
    group by city, year, measure

),

left_out_by_key as (

    select
        finding_id,
        city,
        year,
        measure,
        counted,
        count(*) as filed_rows,
        sum(cast(quantity as decimal(38, 6))) as quantity
    from left_out
    group by finding_id, city, year, measure, counted

),

-- Of a distinct count only the keys go that no other row has.
taken_with_rows as (

    select
        left_out_by_key.finding_id,
        left_out_by_key.measure,
        coalesce(
            sum(left_out_by_key.quantity),
            cast(
                count(
                    case
                        when left_out_by_key.filed_rows = held.filed_rows then left_out_by_key.counted
                    end
                ) as decimal(38, 6)
            )
        ) as quantity,
        sum(left_out_by_key.filed_rows) = max(held_in_all.filed_rows) as is_all
    from left_out_by_key
    inner join held
        on
            left_out_by_key.city = held.city
            and left_out_by_key.year = held.year
            and left_out_by_key.measure = held.measure
            and left_out_by_key.counted is not distinct from held.counted
    inner join held_in_all
        on
            left_out_by_key.city = held_in_all.city
            and left_out_by_key.year = held_in_all.year
            and left_out_by_key.measure = held_in_all.measure
    group by left_out_by_key.finding_id, left_out_by_key.measure

),

-- Keys that nobody else has, of a school that is in a distinct count again.
keys_regained as (

    select
        rows_of_schools.finding_id,
        rows_of_schools.measure,
        count(distinct rows_of_schools.counted) as regained
    from rows_of_schools
    inner join filed on rows_of_schools.finding_id = filed.finding_id
    left join held
        on
            filed.city = held.city
            and filed.year = held.year
            and rows_of_schools.measure = held.measure
            and rows_of_schools.counted = held.counted
    where rows_of_schools.is_kept and rows_of_schools.counted is not null and held.counted is null
    group by rows_of_schools.finding_id, rows_of_schools.measure

),

-- A condition whose cell goes is judged no more: it is neither met nor missed, and counts as undefined.
taken_of_classes as (

    select
        read_by_measures.finding_id,
        read_by_measures.measure,
        sum(
            cast(contributions_by_class.quantity as decimal(38, 6))
            - {{ quantity_without_cell('read_by_measures.measure') }}
        ) as quantity,
        false as is_all
    from read_by_measures
    inner join filed on read_by_measures.finding_id = filed.finding_id
    inner join contributions_by_class
        on
            filed.city = contributions_by_class.city
            and filed.year = contributions_by_class.year
            and filed.school_code = contributions_by_class.school_code
            and read_by_measures.measure = contributions_by_class.measure
            and read_by_measures.class_code = contributions_by_class.class_code
    left join taken_with_rows
        on
            read_by_measures.finding_id = taken_with_rows.finding_id
            and read_by_measures.measure = taken_with_rows.measure
    where taken_with_rows.finding_id is null
    group by read_by_measures.finding_id, read_by_measures.measure
    having sum(contributions_by_class.quantity - {{ quantity_without_cell('read_by_measures.measure') }}) <> 0

),

taken as (

    select * from taken_with_rows
    union all
    select * from taken_of_classes
    union all
    select
        sides.finding_id,
        sides.measure,
        -coalesce(sides.quantity_without, keys_regained.regained, 0) as quantity,
        false as is_all
    from sides
    left join keys_regained
        on sides.finding_id = keys_regained.finding_id and sides.measure = keys_regained.measure
    where sides.is_in_without and not sides.is_in

),

-- What a row adds changes by as much as the whole does where it adds the whole as it stands.
corrected as (

    select
        finding_sums.finding_id,
        measure_cells.measure,
        sum(cast(finding_sums.parts as decimal(38, 6)) - cast(finding_sums.whole as decimal(38, 6))) as quantity
    from finding_sums
    inner join measure_cells
        on
            finding_sums.form_table = measure_cells.form_table
            and finding_sums.column_name = measure_cells.column_name
    inner join left_out
        on
            finding_sums.finding_id = left_out.finding_id
            and measure_cells.measure = left_out.measure
            and finding_sums.row_no = left_out.row_no
    where measure_cells.is_added
    group by finding_sums.finding_id, measure_cells.measure

),

remaining as (

    select
        filed.finding_id,
        filed.city,
        filed.year,
        filed.school_code,
        fed.indicator_id,
        fed.is_row = 1 as is_row,
        numerators.measure is null and denominators.measure is null as is_lacking,
        fed.is_answered = 0
        or (fed.is_blank = 1 and (sides_above.lacks_row is true or sides_below.lacks_row is true))
            as is_unanswered,
        figures.value,
        figures.schools_counted,
        figures.schools_expected,
        coalesce(sides_above.is_in, false) and {{ is_filed_below('sides_below.is_in') }} as is_counted,
        coalesce(sides_above.is_in_without, false)
        and {{ is_filed_below('sides_below.is_in_without') }} as is_counted_without,
        coalesce(sides_above.has_row, false) as has_row,
        coalesce(sides_above.has_row_without, false) as has_row_without,
        {{ figure_over(
            what_is_left('figures.numerator', 'numerators'), what_is_left('figures.denominator', 'denominators')
        ) }} as value_without,
        case
            when corrected_above.measure is not null or corrected_below.measure is not null
                then {{ figure_over(
                    'cast(figures.numerator as decimal(38, 6)) + coalesce(corrected_above.quantity, 0)',
                    'cast(figures.denominator as decimal(38, 6)) + coalesce(corrected_below.quantity, 0)',
                ) }}
        end as value_corrected
    from fed
    inner join filed on fed.finding_id = filed.finding_id
    inner join definitions on fed.indicator_id = definitions.indicator_id
    left join figures
        on
            filed.city = figures.city
            and filed.year = figures.year
            and fed.indicator_id = figures.indicator_id
    left join taken as numerators
        on fed.finding_id = numerators.finding_id and definitions.numerator = numerators.measure
    left join taken as denominators
        on fed.finding_id = denominators.finding_id and definitions.denominator = denominators.measure
    left join sides as sides_above
        on fed.finding_id = sides_above.finding_id and definitions.numerator = sides_above.measure
    left join sides as sides_below
        on fed.finding_id = sides_below.finding_id and definitions.denominator = sides_below.measure
    left join corrected as corrected_above
        on fed.finding_id = corrected_above.finding_id and definitions.numerator = corrected_above.measure
    left join corrected as corrected_below
        on fed.finding_id = corrected_below.finding_id and definitions.denominator = corrected_below.measure

),

-- What is wrong with a file as a whole every figure may lack: one stands for all.
whole_files as (

    select
        findings.finding_id,
        findings.city,
        findings.year,
        findings.school_code,
        'enrolled' as indicator_id,
        false as is_row,
        true as is_lacking,
        true as is_unanswered,
        figures.value,
        figures.schools_counted,
        figures.schools_expected,
        false as is_counted,
        false as is_counted_without,
        false as has_row,
        false as has_row_without,
        {{ number(none) }} as value_without,
        {{ number(none) }} as value_corrected,
        coalesce(not submissions.is_read, false) as is_unread,
        findings.submission_id is null as is_missing
    from findings
    left join submissions on findings.submission_id = submissions.submission_id
    left join accepted
        on
            findings.city = accepted.city
            and findings.year = accepted.year
            and findings.school_code = accepted.school_code
    left join figures
        on
            findings.city = figures.city
            and findings.year = figures.year
            and figures.indicator_id = 'enrolled'
    where
        case
            when findings.submission_id is null
                then findings.school_code is not null and accepted.submission_id is null
            else
                submissions.is_newest
                and (not submissions.is_read or (findings.class = 'must' and findings.cell is null))
        end

),

-- A row that adds nothing to a figure, as one of another level, moves nothing.
every_figure as (

    select
        *,
        false as is_unread,
        false as is_missing
    from remaining
    where not is_lacking or (is_unanswered and not is_counted)
    union all
    select * from whole_files

),

-- Who fills no row of a sheet with rows is not asked for any.
compared as (

    select
        every_figure.*,
        every_figure.schools_counted
        + {{ counted_in_population('has_row_without', 'is_counted_without') }}
        - {{ counted_in_population('has_row', 'is_counted') }} as schools_counted_without,
        every_figure.schools_expected
        + case definitions.population
            when 'filing'
                then cast(every_figure.has_row_without as integer) - cast(every_figure.has_row as integer)
            when 'stating'
                then cast(every_figure.is_counted_without as integer) - cast(every_figure.is_counted as integer)
            else 0
        end as schools_expected_without,
        whole_files.finding_id is not null as is_whole_file,
        definitions.name_zh,
        definitions.name_en,
        definitions.decimals,
        case
            when every_figure.is_lacking then {{ number(none) }}
            -- How much more cannot be judged is told; what is met and missed says how far it moves.
            when {{ quantity_without_cell('definitions.numerator') }} = 1 then {{ number(none) }}
            -- What nothing is left of is gone.
            when coalesce(every_figure.value_corrected, every_figure.value_without) is null
                then case when every_figure.value <> 0 then -100 end
            else
                100 * (coalesce(every_figure.value_corrected, every_figure.value_without) - every_figure.value)
                / abs(nullif(every_figure.value, 0))
        end as change_pct,
        case
            when every_figure.is_lacking
                then case
                    when every_figure.school_code is null and whole_files.finding_id is null then 100
                    when definitions.weight = 'graduates' then schools.graduates_pct
                    else schools.enrolled_pct
                end
        end as lacking_pct
    from every_figure
    inner join definitions on every_figure.indicator_id = definitions.indicator_id
    left join whole_files on every_figure.finding_id = whole_files.finding_id
    left join schools
        on
            every_figure.city = schools.city
            and every_figure.year = schools.year
            and every_figure.school_code = schools.school_code
    -- Nothing is lacking of a school that nobody asks.
    where
        not every_figure.is_lacking
        or whole_files.finding_id is not null
        or coalesce({{ in_population_of_roster('definitions.population') }}, true)

),

printed as (

    select
        *,
        coalesce(abs(change_pct), lacking_pct, 0) as impact_pct,
        {{ printed_of_schools('value', '', 'zh') }} as value_printed_zh,
        {{ printed_of_schools('value_without', '_without', 'zh') }} as without_printed_zh,
        {{ printed_of_schools('value_corrected', '', 'zh') }} as corrected_printed_zh,
        {{ printed_of_schools('value', '', 'en') }} as value_printed_en,
        {{ printed_of_schools('value_without', '_without', 'en') }} as without_printed_en,
        {{ printed_of_schools('value_corrected', '', 'en') }} as corrected_printed_en,
        case when school_code is not null then {{ half_up('lacking_pct', '1') }} end as lacking_printed
    from compared

)

select
    city,
    year,
    finding_id,
    indicator_id,
    school_code,
    value,
    value_without,
    value_corrected,
    cast(schools_counted as bigint) as schools_counted,
    cast(schools_expected as bigint) as schools_expected,
    cast(schools_counted_without as bigint) as schools_counted_without,
    cast(schools_expected_without as bigint) as schools_expected_without,
    change_pct,
    lacking_pct,
    impact_pct,
    is_unread,
    -- A sum says how far it moves; without one it may be as far as the row goes.
    cast(row_number() over (
        partition by finding_id
        order by case when value_corrected is null then 1 else 0 end asc, impact_pct desc, indicator_id asc
    ) as integer) as place,
    {{ impact_told(
        missing='尚未报送',
        unread='整份未能读取',
        whole_file='涉及整份填报',
        share="'：' || name_zh || '现为 ' || value_printed_zh || '，该校约占 ' || lacking_printed || '%'",
        lacking="name_zh || '现为 ' || value_printed_zh || '，缺此项' || coalesce('，该校约占 ' || lacking_printed || '%', '')",
        row='若删去此行：',
        cell='若不计此项：',
        change="name_zh || '由 ' || value_printed_zh || ' 变为 ' || without_printed_zh",
        corrected='；若按合计改正：',
        corrected_printed='corrected_printed_zh',
    ) }} as sentence_zh,
    {{ impact_told(
        missing='Nothing was handed in',
        unread='Nothing of the file was read',
        whole_file='It is about the whole file',
        share="': ' || name_en || ' is ' || value_printed_en || ', and the school has about ' || lacking_printed || '%'",
        lacking="name_en || ' is ' || value_printed_en || ' and lacks this' || coalesce(', and the school has about ' || lacking_printed || '%', '')",
        row='Without this row: ',
        cell='Without this value: ',
        change="name_en || ' goes from ' || value_printed_en || ' to ' || without_printed_en",
        corrected='; corrected to what the sum says: ',
        corrected_printed='corrected_printed_en',
    ) }} as sentence_en
from printed
