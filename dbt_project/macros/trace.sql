{#-
  What the figures rest on, from the same semantic models: which cells a measure reads, what each
  filed row adds to it, and the cells themselves.

  A fact's column is the form's column of the same name, on one of the sheets in the fact's
  `meta.form_tables`. A column that is made of others says so in its own meta: `cells` (and
  `cells_of_year_before`), or `references` (and `references_of_year_before`) for what no school
  filed. Where the cell hangs on the class that a row is of, `cells_of_class` names the cells of
  each. `meta.row_cells` of a fact names the cells by which its rows exist: they stand for a
  measure without any other cell of its own year.
-#}

{#- The cells of one sheet, blank ones too. -#}
{%- macro cells_of(form_table, columns) -%}
    select
        submission_id,
        '{{ form_table }}' as form_table,
        sheet,
        row_no,
        column_name,
        sheet || '!' || address as cell,
        typed,
        value_read
    from {{ source('raw', form_table) }}
    unpivot include nulls (
        (typed, value_read, address) for column_name in (
            {%- for column in columns %}
            ({{ column }}__typed, {{ column }}__read, {{ column }}__cell) as {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
    )
    where address is not null
{%- endmacro -%}

{#-
  Every measure's cells and references, one a row, with the names of dim_measure_cell's columns.
  Texts are quoted here: calling a macro for each of two thousand takes longer than all the rest.
-#}
{%- macro declared_measure_cells() -%}
    {%- set labels = labels_of_places() -%}
    select *
    from (
        values
        {%- for model in semantic_models_sorted() %}
        {%- set fact = graph.nodes['model.nianbao.' ~ model.model.split("'")[1]] %}
        {%- set school = fact.columns.get('school_code') %}
        {%- set all_rows = fact.config.meta.get('row_cells', []) + (school.config.meta.get('cells', []) if school else []) %}
        {%- set outer = loop %}
        {%- for measure in model.measures %}
        {%- set inner = loop %}
        {%- set added = columns_added(measure) %}
        {%- set said = "'" ~ fact.name ~ "', '" ~ measure.agg ~ "', '" ~ formula(measure) | replace("'", "''") ~ "'" %}
        {%- for kind, years_before, place, class in cells_of_measure(fact, measure, labels) %}
        {%- set table, column = place.split('.') %}
        ('{{ measure.name }}', '{{ kind }}', '{{ table }}', '{{ column }}', '{{ labels[place] | replace("'", "''") }}', {{ years_before }}, {{ table in fact.config.meta.form_tables }}, {{ place in all_rows }}, {{ column in added }}, {{ said }}, {{ text(class) }}){{ ',' if not (loop.last and inner.last and outer.last) }}
        {%- endfor %}
        {%- endfor %}
        {%- endfor %}
    ) as declared (
        measure, kind, form_table, column_name, label, years_before, is_on_row, is_for_all_rows, is_added, fact, aggregation, formula, class_code
    )
{%- endmacro -%}

{#-
  The columns of which a row adds to a sum as they stand, whatever the condition is: of
  `case when level = 'national' then entrants end` entrants. Of any other expression none.
-#}
{%- macro columns_added(measure) -%}
    {%- set words = modules.re.sub('^case when .* then (.*) end$', '\\1', measure.expr or measure.name) -%}
    {%- set is_sum = measure.agg == 'sum' and modules.re.fullmatch('\\w+( \\+ \\w+)*', words) -%}
    {{ return(words.split(' + ') if is_sum else []) }}
{%- endmacro -%}

{#-
  Where the columns of a measure's expression come from: kind, years before, place, and the class
  whose figure alone reads it. Raises where a
  column comes from nowhere, or from a place that does not exist. Without any cell, the cells by
  which the fact's rows exist stand for the measure, if asked for.
-#}
{%- macro cells_of_measure(fact, measure, labels, with_row_cells=true) -%}
    {%- set found = {} -%}
    {%- set words = modules.re.sub("'[^']*'", '', measure.expr or measure.name) -%}
    {%- for word in modules.re.findall('[a-z_][a-z0-9_]*', words) if word in fact.columns -%}
        {%- set said = fact.columns[word].config.meta -%}
        {%- for kind, years_before, name in [
            ('cell', 0, 'cells'),
            ('cell', 1, 'cells_of_year_before'),
            ('reference', 0, 'references'),
            ('reference', 1, 'references_of_year_before'),
        ] -%}
            {%- for place in said.get(name, []) -%}
                {%- do found.update({(kind, years_before, place, none): none}) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- for class, places in said.get('cells_of_class', {}).items() -%}
            {%- for place in places -%}
                {%- do found.update({('cell', 0, place, class): none}) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- if not said -%}
            {%- set sheets = [] -%}
            {%- for sheet in fact.config.meta.form_tables if sheet ~ '.' ~ word in labels -%}
                {%- do sheets.append(sheet) -%}
            {%- endfor -%}
            {%- if sheets | length != 1 -%}
                {%- do exceptions.raise_compiler_error(
                    measure.name ~ ": the cell that " ~ fact.name ~ "." ~ word ~ " is read from is not declared"
                ) -%}
            {%- endif -%}
            {%- do found.update({('cell', 0, sheets[0] ~ '.' ~ word, none): none}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set of_this_year = found.keys() | selectattr(0, 'equalto', 'cell') | selectattr(1, 'equalto', 0) -%}
    {%- if with_row_cells and of_this_year | list == [] -%}
        {%- for place in fact.config.meta.get('row_cells', []) -%}
            {%- do found.update({('cell', 0, place, none): none}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for kind, years_before, place, class in found if place not in labels -%}
        {%- do exceptions.raise_compiler_error(measure.name ~ ": there is no " ~ kind ~ " " ~ place) -%}
    {%- endfor -%}
    {{ return(found.keys() | list) }}
{%- endmacro -%}

{#-
  What the form calls each of its columns, as staging documents them, and what the columns of seeds
  and of a city's own files are: by place, `destinations.graduates`.
-#}
{%- macro labels_of_places() -%}
    {%- set labels = {} -%}
    {%- for name, node in graph.get('nodes', {}).items() if name.startswith(('model.nianbao.stg_', 'seed.')) -%}
        {%- set table = node.name.removeprefix('stg_nianbao__') -%}
        {%- for column in node.columns.values() -%}
            {%- do labels.update({table ~ '.' ~ column.name: column.description}) -%}
            {#- A cover's own word for what the row was placed under. -#}
            {%- if column.name.startswith('filed_') and column.name ~ '__cell' in node.columns -%}
                {%- do labels.update({table ~ '.' ~ column.name.removeprefix('filed_'): column.description}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(labels) }}
{%- endmacro -%}

{#-
  What each filed row adds to each measure: a quantity to a sum, a key to a distinct count. Rows
  that add nothing to a sum are left out. A school whose rows hold no key that is counted has those
  rows, without a key: they were looked at, and a count of zero rests on them.
-#}
{%- macro contributions_of_rows() -%}
    {%- do read_declared_facts() -%}
    {%- set parts = [] -%}
    {%- for model in semantic_models_sorted() -%}
        {%- set sums = model.measures | selectattr('agg', 'equalto', 'sum') | list -%}
        {%- set counts = model.measures | selectattr('agg', 'equalto', 'count_distinct') | list -%}
        {%- if sums -%} {%- do parts.append(quantities_of(model, sums)) -%} {%- endif -%}
        {%- if counts -%} {%- do parts.append(keys_of(model, counts)) -%} {%- endif -%}
        {%- if sums | length + counts | length < model.measures | length -%}
            {%- do exceptions.raise_compiler_error(
                model.name ~ ": macros/trace.sql knows what a row adds to a sum and to a distinct count only"
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ parts | join('\n    union all\n    ') }}
{%- endmacro -%}

{%- macro row_of(model) -%}
    {%- set columns = graph.nodes['model.nianbao.' ~ model.model.split("'")[1]].columns -%}
    {{ return('row_no' if 'row_no' in columns else '1') }}
{%- endmacro -%}

{%- macro quantities_of(model, measures) -%}
    select
        city,
        year,
        school_code,
        row_no,
        measure,
        quantity,
        {{ text(none) }} as counted
    from (
        select
            city,
            year,
            school_code,
            row_no,
            {%- for measure in measures %}
            cast({{ aggregated(measure) }} as double) as {{ measure.name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from ({{ rows_for_measures(model, measures, ['city', 'year', 'school_code', row_of(model) ~ ' as row_no']) }}) as filed
        group by city, year, school_code, row_no
    ) as filed
    unpivot (quantity for measure in ({{ measures | map(attribute='name') | join(', ') }}))
{%- endmacro -%}

{%- macro keys_of(model, measures) -%}
    {%- set stated = measures_stated() -%}
    {%- set columns = ['city', 'year', 'school_code', row_of(model) ~ ' as row_no'] -%}
    {%- for measure in measures -%}
        {%- do columns.append(
            'count(' ~ if_not_counted(model, measure, stated) ~ ') over (partition by year, school_code) as '
            ~ measure.name ~ '__not_known'
        ) -%}
    {%- endfor -%}
    select
        city,
        year,
        school_code,
        row_no,
        measure,
        {{ number(none) }} as quantity,
        counted
    from (
        select distinct
            city,
            year,
            school_code,
            row_no,
            measure,
            counted,
            count(counted) over (partition by city, year, school_code, measure) as keys
        from (
            select
                city,
                year,
                school_code,
                row_no,
                {%- for measure in measures %}
                {{ measure.name }}__not_known,
                cast({{ measure.name }} as {{ dbt.type_string() }}) as {{ measure.name }}{{ ',' if not loop.last }}
                {%- endfor %}
            from ({{ rows_for_measures(model, measures, columns) }}) as held
        ) as filed
        unpivot include nulls (
            (counted, not_known) for measure in (
                {%- for measure in measures %}
                ({{ measure.name }}, {{ measure.name }}__not_known) as {{ measure.name }}{{ ',' if not loop.last }}
                {%- endfor %}
            )
        )
        where not_known = 0
    ) as looked_at
    where counted is not null or keys = 0
{%- endmacro -%}
