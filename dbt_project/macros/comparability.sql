{#- The form's columns behind an indicator, above and below the line, as a list 'a.b;c.d'; the roster's are none. -#}
{%- macro form_columns_of_indicator(indicator, labels) -%}
    {%- set found = [] -%}
    {%- for place in (indicator.numerator_place, indicator.denominator_place) if place -%}
        {%- set fact = graph.nodes['model.nianbao.' ~ place.model.model.split("'")[1]] -%}
        {%- for kind, _, column, _ in cells_of_measure(fact, place.measure, labels, with_row_cells=false) if kind == 'cell' and not column.startswith('rosters.') -%}
            {%- do found.append(column) -%}
        {%- endfor -%}
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
