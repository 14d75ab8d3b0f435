{#-
  What a figure covers: how many of the schools that could file it stand behind it, and how much of
  their students or graduates. An indicator says in its `meta` who they are, see
  said_of_coverage(); seeds/populations.csv names them for people.
-#}

{#- A figure of `numerators`, over `denominators` where its declaration, a row of `declared`, has one. -#}
{%- macro figure_of(declared) -%}
    case
        when {{ declared }}.denominator is null then numerators.value
        else {{ declared }}.scale * numerators.value / nullif(denominators.value, 0)
    end
{%- endmacro -%}

{#- How many schools are behind that figure: of a ratio those of the side that has fewer. -#}
{%- macro filers_behind(declared, filers) -%}
    case
        when {{ declared }}.denominator is null then numerators.{{ filers }}
        else least(numerators.{{ filers }}, coalesce(denominators.{{ filers }}, 0))
    end
{%- endmacro -%}

{#-
  Which schools of int_school_population are in each population: of the year's roster, and of that
  of the year before for what was the year before. What is not known of a school that
  has never filed leaves it in: a figure may lack it. Who files a sheet of rows nobody knows before
  it is filed: of `filing` and `stating` the roster knows only those that may yet do so, and
  in_population() adds those with a row of the sheet, or a value in the column.
-#}
{%- macro populations_of_schools() -%}
    {%- set found = {} -%}
    {%- for name, condition in populations_before().items() -%}
        {%- do found.update({name: 'schools.years_before = 1 and ' ~ condition}) -%}
    {%- endfor -%}
    {%- for name, condition in {
        'all': 'true',
        'public': "coalesce(schools.ownership, 'public') = 'public'",
        'monitored': 'schools.is_monitored',
        'graduating': 'coalesce(schools.graduates, 1) <> 0',
        'filing': 'not schools.is_filed',
        'stating': 'not schools.is_filed',
    }.items() -%}
        {%- do found.update({name: 'schools.years_before = 0 and ' ~ condition}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro -%}

{#- Those that are of the schools of the year before, as that year's roster has them. -#}
{%- macro populations_before() -%}
    {{ return({'monitored_before': 'schools.is_monitored'}) }}
{%- endmacro -%}

{#- 1 for a population of the year before, else 0. -#}
{%- macro years_before_of(population) -%}
    case when {{ population }} in ({{ texts(populations_before()) }}) then 1 else 0 end
{%- endmacro -%}

{#-
  Whether the school `schools` is in a figure's population, by what it filed: whether it has a row of
  the sheet and whether it has a value.
-#}
{%- macro in_population(population, has_row='filed.filers_with_row = 1', has_value='filed.filers = 1') -%}
    case {{ population }}
        when 'filing' then schools.years_before = 0 and {{ has_row }}
        when 'stating' then schools.years_before = 0 and {{ has_value }}
        else {{ in_population_of_roster(population) }}
    end
{%- endmacro -%}

{#- The same where the roster alone says who is in it: a sheet of rows is not asked after. -#}
{%- macro in_population_of_roster(population) -%}
    case {{ population }}
        {%- for name, condition in populations_of_schools().items() if name not in ('filing', 'stating') %}
        when '{{ name }}' then {{ condition }}
        {%- endfor %}
    end
{%- endmacro -%}

{#-
  How many schools of each area are in each population: year, area_level, area_code, population,
  filers, `enrolled` and `graduates` of them, and of how many that is not known; by what else is
  asked for, columns of the table. Reads `schools`.
-#}
{%- macro schools_in_populations(by=[]) -%}
    select
        schools.year,
        {%- for column in by %}
        schools.{{ column }},
        {%- endfor %}
        {{ area_level() }} as area_level,
        {{ area_code() }} as area_code,
        populations.population,
        count(*) as filers,
        sum(schools.enrolled) as enrolled,
        sum(schools.graduates) as graduates,
        count(*) - count(schools.enrolled) as enrolled_unknown,
        count(*) - count(schools.graduates) as graduates_unknown
    from schools
    cross join (
        values
        {%- for name in populations_of_schools() %}
        ('{{ name }}'){{ ',' if not loop.last }}
        {%- endfor %}
    ) as populations (population)
    where
        case populations.population
            {%- for name, condition in populations_of_schools().items() %}
            when '{{ name }}' then {{ condition }}
            {%- endfor %}
        end
    group by {{ each_area((['schools.year', 'populations.population'] + by) | join(', ')) }}
{%- endmacro -%}

{#- Of a table with `enrolled` and `graduates` that of which the population's weight is made. -#}
{%- macro weight_of(weight, table, what='') -%}
    case {{ weight }}
        when 'enrolled' then {{ table }}.enrolled{{ what }}
        when 'graduates' then {{ table }}.graduates{{ what }}
    end
{%- endmacro -%}

{#- The share of weight that is covered; null where some school's weight is not known, or all is 0. -#}
{%- macro weight_covered_pct(covered, expected, unknown) -%}
    case when {{ unknown }} = 0 then 100.0 * {{ covered }} / nullif({{ expected }}, 0) end
{%- endmacro -%}

{#-
  What a figure is before anybody signs it. Exactly at the minimum is enough. Where a minimum of
  weight is declared and the weight is known, it decides; else the number of schools does: few small
  schools that are missing withhold nothing, and a large one does. A school's own figure is never
  withheld: there is nobody whom it could lack.
-#}
{%- macro coverage_status(area_level, counted, expected, minimum_pct, weight_pct, minimum_weight_pct) -%}
    case
        when {{ area_level }} = 'school' then 'provisional'
        when {{ minimum_weight_pct }} is not null and {{ weight_pct }} is not null
            then case when {{ weight_pct }} < {{ minimum_weight_pct }} then 'withheld' else 'provisional' end
        when 100 * {{ counted }} < {{ minimum_pct }} * {{ expected }} then 'withheld'
        else 'provisional'
    end
{%- endmacro -%}

{#-
  What all classes of a breakdown cover together: of classes of schools, which are in one each, the
  sum; of others, on which the same schools stand, the least.
-#}
{%- macro of_all_classes(column) -%}
    case when counted.is_of_schools then {{ over_classes('sum', column) }} else {{ over_classes('min', column) }} end
{%- endmacro -%}

{%- macro over_classes(aggregate, column) -%}
    {{ aggregate }}(counted.{{ column }}) over (
        partition by
            counted.year, counted.area_level, counted.area_code, counted.indicator_id, counted.breakdown
    )
{%- endmacro -%}

{#- A sentence on two years of a series with the schools of each in the places that it names. -#}
{%- macro coverage_told(sentence, table) -%}
    {%- set columns = {} -%}
    {%- for place in (
        'schools_counted', 'schools_expected',
        'previous_year_schools_counted', 'previous_year_schools_expected',
    ) -%}
        {%- do columns.update({place: 'cast(' ~ table ~ '.' ~ place ~ ' as ' ~ dbt.type_string() ~ ')'}) -%}
    {%- endfor -%}
    {{ filled(sentence, columns) }}
{%- endmacro -%}

{#-
  The cells that figures are made of, on sheets with one row a school, where every school of a
  population is asked: tuples of a figure, its names, its population, the cell, `sheet__column`, what
  its schools weigh, the minima of schools and of weight, and its fact. Figures are indicators and
  their breakdowns.
-#}
{%- macro cells_of_figures() -%}
    {%- set labels = labels_of_places() -%}
    {%- set sheets = sheets_of_one_row() -%}
    {%- set indicators = {} -%}
    {%- set figures = {} -%}
    {%- for indicator in indicators_sorted() -%}
        {%- do indicators.update({indicator.metric.name: indicator}) -%}
        {%- do figures.update({indicator.metric.name: (indicator, indicator)}) -%}
    {%- endfor -%}
    {%- for breakdown in breakdowns_sorted() -%}
        {%- do figures.setdefault(breakdown.metric.name, (breakdown, indicators[breakdown.indicator_id])) -%}
    {%- endfor -%}
    {%- set found = [] -%}
    {%- for figure, (declared, indicator) in figures.items() if said_of_coverage(indicator, 'population') in ('all', 'public', 'monitored', 'graduating') -%}
        {%- for place in (form_columns_of_indicator(where_null_is_null(declared), labels) or '').split(';') if place.split('.')[0] in sheets -%}
            {%- do found.append((
                figure, declared.metric.label, declared.metric.description,
                said_of_coverage(indicator, 'population'), place | replace('.', '__'),
                said_of_coverage(indicator, 'weight'), said_of_coverage(declared, 'minimum_coverage_pct'),
                said_of_coverage(declared, 'minimum_weight_pct'),
                declared.numerator_place.model.model.split("'")[1],
            )) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro -%}

{#-
  An indicator without what its measures ask of a column and have an answer to where it is null: of
  `is_met is true` a blank leaves no figure without a school.
-#}
{%- macro where_null_is_null(indicator) -%}
    {%- set places = {} -%}
    {%- for side in ('numerator_place', 'denominator_place') if indicator[side] -%}
        {%- set measure = indicator[side].measure -%}
        {%- set expression = modules.re.sub('\\w+ is (true|false|null)', 'true', measure.expr or measure.name) -%}
        {%- do places.update({side: dict(indicator[side], measure=dict(measure, expr=expression))}) -%}
    {%- endfor -%}
    {{ return(places) }}
{%- endmacro -%}

{#-
  The same as rows: figure, name_zh, name_en, population, form_column, weight,
  minimum_coverage_pct, minimum_weight_pct, fact.
-#}
{%- macro declared_cells_of_figures() -%}
    select *
    from (
        values
        ({% for _ in range(6) %}{{ text(none) }}, {% endfor %}{{ number(none) }}, {{ number(none) }}, {{ text(none) }})
        {%- for cell in cells_of_figures() %},
        ({% for part in cell %}{{ number(part) if loop.index in (7, 8) else text(part) }}{{ ', ' if not loop.last }}{% endfor %})
        {%- endfor %}
    ) as declared (
        figure, name_zh, name_en, population, form_column, weight, minimum_coverage_pct,
        minimum_weight_pct, fact
    )
    where figure is not null
{%- endmacro -%}

{#- Which cells each of the conditions is judged by, on sheets with one row a school: condition, form_column. -#}
{%- macro cells_of_conditions() -%}
    select *
    from (
        values
        ({{ text(none) }}, {{ text(none) }})
        {%- if execute %}
        {%- for condition, places in graph.nodes['model.nianbao.fct_condition_check'].columns.is_met.config.meta.cells_of_class.items() %}
        {%- for place in places %},
        ({{ text(condition) }}, {{ text(place | replace('.', '__')) }})
        {%- endfor %}
        {%- endfor %}
        {%- endif %}
    ) as declared (condition, form_column)
    where condition is not null
{%- endmacro -%}

{#- Whether a school meets all conditions, of a row for each: not where one is missed, and unknown where one is undefined. -#}
{%- macro is_meeting_all() -%}
    case
        when count(case when not is_met then 1 end) > 0 then false
        when count(is_met) = count(*) then true
    end
{%- endmacro -%}

{#-
  The same on sheets of many rows, of figures that the schools with such rows are asked for: tuples
  of a figure, its names, its population, the sheet, the column, whether a row may be one that the
  figure is about, whether it is not known what the row is to it, and the fact's columns that are
  each of a list of the sheet.
-#}
{%- macro columns_of_figures() -%}
    {%- set found = [] -%}
    {%- for indicator in indicators_sorted() if said_of_coverage(indicator, 'population') == 'filing' -%}
        {%- for part in (indicator.numerator_place, indicator.denominator_place) if part -%}
            {%- set lists = {} -%}
            {%- for column in graph.nodes['model.nianbao.' ~ part.model.model.split("'")[1]].columns.values() if column.config.meta.each_of -%}
                {%- do lists.update({column.name: column.config.meta.each_of}) -%}
            {%- endfor -%}
            {%- for place in columns_asked(part.model, part.measure).values() | unique -%}
                {%- do found.append((
                    indicator.metric.name, indicator.metric.label, indicator.metric.description, 'filing',
                    place.split('.')[0], place.split('.')[1], if_it_is_about(part.measure),
                    if_not_known(part.model, part.measure), lists,
                )) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro -%}

{#-
  The rows of submissions that a figure is made of: figure, name_zh, name_en, population,
  form_column, submission_id, row_no, typed, leaves_open, cell. Without a value some leave open what
  the row is to the figure: whether a major is a flagship one is asked of the theme that is counted, and the
  theme of a flagship one.
-#}
{%- macro rows_of_figures() -%}
    {%- do ref('stg_nianbao__form_columns') -%}
    {%- for form_table in declared_sheets_of_rows() -%} {%- do ref('stg_nianbao__' ~ form_table) -%} {%- endfor %}
    {%- for figure, name_zh, name_en, population, form_table, column, is_about, not_known, lists in columns_of_figures() %}
    {{ 'union all' if not loop.first }}
    select
        {{ text(figure) }} as figure,
        {{ text(name_zh) }} as name_zh,
        {{ text(name_en) }} as name_en,
        {{ text(population) }} as population,
        '{{ form_table }}__{{ column }}' as form_column,
        submission_id,
        row_no,
        {{ column }}__typed as typed,
        {{ not_known }} = 1 as leaves_open,
        {{ column }}__cell as cell
    from (
        select
            *
            {%- for name in lists %},
            nullif(each_{{ name }}, '') as {{ name }}
            {%- endfor %}
        from (
            select
                *
                {%- for name, list in lists.items() %},
                {{ each_of("coalesce(" ~ list ~ ", '')") }} as each_{{ name }}
                {%- endfor %}
            from {{ ref('stg_nianbao__' ~ form_table) }}
            -- A year whose form did not ask has no such rows.
            {%- for list in lists.values() %}
            {{ 'where' if loop.first else 'and' }} year in (
                select form_columns.year from {{ ref('stg_nianbao__form_columns') }} as form_columns
                where form_columns.form_table = '{{ form_table }}' and form_columns.column_name = '{{ list }}'
            )
            {%- endfor %}
        ) as listed
    ) as filed
    where {{ is_about }} = 1
    {%- endfor %}
{%- endmacro -%}

{#- The sheets of many rows of which a submission has a row: submission_id, form_table. -#}
{%- macro sheets_filed() -%}
    {%- for form_table in declared_sheets_of_rows() %}
    {{ 'union all' if not loop.first }}
    select distinct
        submission_id,
        '{{ form_table }}' as form_table
    from {{ ref('stg_nianbao__' ~ form_table) }}
    {%- endfor %}
{%- endmacro -%}

{#- What a submission has in each of these cells: submission_id, form_column, typed, value, cell. -#}
{%- macro cells_of_submissions(fields) -%}
    {%- set columns = cells_of_figures() | map(attribute=4) | unique | list -%}
    select
        submission_id,
        form_column,
        typed,
        value,
        cell
    from (
        select
            submission_id
            {%- for column in columns %},
            {{ column }}__typed,
            cast({{ column }} as string) as {{ column }}__value,
            {{ column }}__cell
            {%- endfor %}
        from {{ fields }}
    ) as said
    unpivot include nulls (
        (typed, value, cell) for form_column in (
            {%- for column in columns %}
            ({{ column }}__typed, {{ column }}__value, {{ column }}__cell) as {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
    )
{%- endmacro -%}

{#- The sheets with one row a school that facts stand on. -#}
{%- macro sheets_of_one_row() -%}
    {%- set sheets = [] -%}
    {%- for model in semantic_models_sorted() if model.config.meta.get('has_one_row_a_filer') -%}
        {%- for sheet in graph.nodes['model.nianbao.' ~ model.model.split("'")[1]].config.meta.form_tables -%}
            {%- do sheets.append(sheet) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(sheets | unique | list) }}
{%- endmacro -%}

{#- Whether a sheet of the form has one row a filer: these, and the covers. -#}
{%- macro has_one_row(form_table) -%}
    {{ form_table }} in ({{ texts(['cover', 'bureau_cover'] + sheets_of_one_row()) }})
{%- endmacro -%}
