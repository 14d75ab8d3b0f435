{#-
  From a measure to the columns of the form that it is made of, by the graph: a fact's column is the
  form's of the same name, found by way of the models that the fact reads. A column that a fact
  computes from others says so in its `meta: {filed_as: [<form table>.<column>, …]}`.
-#}

{#- The form's columns in a measure, '<form table>.<column>', each once, in their order. -#}
{%- macro form_columns_of(measure, fact) -%}
    {#- Words within quotes are values. -#}
    {%- set expression = modules.re.sub("'[^']*'", '', measure.expr or measure.name) -%}
    {%- set found = [] -%}
    {%- for word in modules.re.findall('[a-z_][a-z0-9_]*', expression) -%}
        {%- do found.extend(filed_as(fact, word)) -%}
    {%- endfor -%}
    {{ return(found | unique | list) }}
{%- endmacro -%}

{#- The form's columns behind a model's column; none for what is no column or is on no form. -#}
{%- macro filed_as(model, column) -%}
    {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ model] -%}
    {%- set found = [] -%}
    {%- if column in node.columns -%}
        {%- set declared = node.columns[column].config.meta.get('filed_as') -%}
        {%- if declared -%}
            {%- do found.extend(declared) -%}
        {%- elif model.startswith('stg_nianbao__') -%}
            {#- What stands in a cell of a workbook has its address beside it. -#}
            {%- if column ~ '__cell' in node.columns -%}
                {%- do found.append(model.removeprefix('stg_nianbao__') ~ '.' ~ column) -%}
            {%- endif -%}
        {%- else -%}
            {%- for parent in node.depends_on.nodes if parent.startswith('model.') -%}
                {%- do found.extend(filed_as(parent.split('.')[2], column)) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro -%}

{#- The form's columns behind an indicator, above and below the line, as a list 'a.b;c.d'. -#}
{%- macro form_columns_of_indicator(indicator) -%}
    {%- set found = [] -%}
    {%- for place in (indicator.numerator_place, indicator.denominator_place) if place -%}
        {%- do found.extend(form_columns_of(place.measure, place.model.model.split("'")[1])) -%}
    {%- endfor -%}
    {{ return(found | unique | join(';') or none) }}
{%- endmacro -%}

{#- Changes of definition as the metrics declare them: `meta: {changed: {2025: {zh: …, en: …}}}`. -#}
{%- macro definition_changes() -%}
    select *
    from (
        values
        (cast(null as integer), {{ text(none) }}, {{ text(none) }}, {{ text(none) }})
        {%- for indicator in indicators_sorted() %}
        {%- for year, said in (indicator.meta.get('changed') or {}).items() %},
        ({{ year }}, {{ text(indicator.metric.name) }}, {{ text(said.zh) }}, {{ text(said.en) }})
        {%- endfor %}
        {%- endfor %}
    ) as declared (year, indicator_id, zh, en)
    where indicator_id is not null
{%- endmacro -%}
