{#-
  What the figures rest on, from the same semantic models: which cells a measure reads, what each
  filed row adds to it, and the cells themselves.

  A fact's column is the form's column of the same name, on one of the sheets in the fact's
  `meta.form_tables`. A column that is made of others says so in its own meta: `cells` (and
  `cells_of_year_before`), or `references` (and `references_of_year_before`) for what no school
  filed. `meta.row_cells` of a fact names the cells by which its rows exist: they stand for a
  measure without any other cell of its own year.
-#}

{#- The filled cells of one sheet. -#}
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
    where typed is not null
{%- endmacro -%}

{#- Every measure's cells and references, one a row, with the names of dim_measure_cell's columns. -#}
{%- macro declared_measure_cells() -%}
    select *
    from (
        values
        {%- for model in semantic_models_sorted() %}
        {%- set fact = graph.nodes['model.nianbao.' ~ model.model.split("'")[1]] %}
        {%- set outer = loop %}
        {%- for measure in model.measures %}
        {%- set inner = loop %}
        {%- for cell in cells_of_measure(fact, measure) %}
        (
            {{ text(measure.name) }},
            {{ text(cell.kind) }},
            {{ text(cell.table) }},
            {{ text(cell.column) }},
            {{ text(cell.label) }},
            {{ cell.years_before }},
            {{ 'true' if cell.table in fact.config.meta.form_tables else 'false' }},
            {{ text(fact.name) }},
            {{ text(measure.agg) }},
            {{ text(formula(measure)) }}
        ){{ ',' if not (loop.last and inner.last and outer.last) }}
        {%- endfor %}
        {%- endfor %}
        {%- endfor %}
    ) as declared (
        measure, kind, form_table, column_name, label, years_before, is_on_row, fact, aggregation, formula
    )
{%- endmacro -%}

{#- What the columns of a measure's expression come from; raises where one comes from nowhere. -#}
{%- macro cells_of_measure(fact, measure) -%}
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
                {%- do found.update({(kind, years_before, place): none}) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- if not said -%}
            {%- set sheets = [] -%}
            {%- for sheet in fact.config.meta.form_tables if label_of_cell(sheet ~ '.' ~ word) -%}
                {%- do sheets.append(sheet) -%}
            {%- endfor -%}
            {%- if sheets | length != 1 -%}
                {%- do exceptions.raise_compiler_error(
                    measure.name ~ ": which cell " ~ fact.name ~ "." ~ word ~ " is read from is not declared"
                ) -%}
            {%- endif -%}
            {%- do found.update({('cell', 0, sheets[0] ~ '.' ~ word): none}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if found.keys() | selectattr(0, 'equalto', 'cell') | selectattr(1, 'equalto', 0) | list == [] -%}
        {%- for place in fact.config.meta.get('row_cells', []) -%}
            {%- do found.update({('cell', 0, place): none}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set cells = [] -%}
    {%- for kind, years_before, place in found -%}
        {%- set label = label_of_cell(place) if kind == 'cell' else label_of_reference(place) -%}
        {%- if not label -%}
            {%- do exceptions.raise_compiler_error(measure.name ~ ": there is no " ~ kind ~ " " ~ place) -%}
        {%- endif -%}
        {%- do cells.append({
            'kind': kind,
            'table': place.split('.')[0],
            'column': place.split('.')[1],
            'label': label,
            'years_before': years_before,
        }) -%}
    {%- endfor -%}
    {{ return(cells) }}
{%- endmacro -%}

{#- What the form calls a column, as staging documents it; none where the sheet has no such column. -#}
{%- macro label_of_cell(place) -%}
    {%- set table, column = place.split('.') -%}
    {%- set columns = graph.nodes.get('model.nianbao.stg_nianbao__' ~ table, {}).get('columns', {}) -%}
    {%- for name in ('filed_' ~ column, column) if name ~ '__cell' in columns -%}
        {{ return(columns[name].description) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro -%}

{#- What a column of a seed or of a city's own files is; none where there is no such column. -#}
{%- macro label_of_reference(place) -%}
    {%- set table, column = place.split('.') -%}
    {%- for node in ('seed.nianbao.' ~ table, 'model.nianbao.stg_nianbao__' ~ table) -%}
        {%- set columns = graph.nodes.get(node, {}).get('columns', {}) -%}
        {%- if column in columns -%} {{ return(columns[column].description) }} {%- endif -%}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro -%}

{#-
  What each filed row adds to each measure: a quantity to a sum, a key to a distinct count. Rows
  that add nothing, since a cell is blank or of another kind, are left out.
-#}
{%- macro contributions_of_rows() -%}
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
            {{ row_of(model) }} as row_no,
            {%- for measure in measures %}
            cast({{ aggregated(measure) }} as double) as {{ measure.name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ ref(model.model.split("'")[1]) }}
        group by city, year, school_code{{ ', row_no' if row_of(model) == 'row_no' }}
    ) as filed
    unpivot (quantity for measure in ({{ measures | map(attribute='name') | join(', ') }}))
{%- endmacro -%}

{%- macro keys_of(model, measures) -%}
    select distinct
        city,
        year,
        school_code,
        row_no,
        measure,
        {{ number(none) }} as quantity,
        counted
    from (
        select
            city,
            year,
            school_code,
            {{ row_of(model) }} as row_no,
            {%- for measure in measures %}
            cast({{ measure.expr or measure.name }} as {{ dbt.type_string() }}) as {{ measure.name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ ref(model.model.split("'")[1]) }}
    ) as filed
    unpivot (counted for measure in ({{ measures | map(attribute='name') | join(', ') }}))
{%- endmacro -%}
