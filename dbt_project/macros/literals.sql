{#- Values of Jinja as literals with a type, missing ones too. -#}
{%- macro text(value) -%}
    {%- if value is none -%} cast(null as {{ dbt.type_string() }})
    {%- else -%} '{{ value | string | replace("'", "''") }}'
    {%- endif -%}
{%- endmacro -%}

{%- macro texts(values) -%}
    {%- for value in values %}{{ text(value) }}{{ ', ' if not loop.last }}{% endfor -%}
{%- endmacro -%}

{%- macro number(value) -%}
    {%- if value is none -%} cast(null as double) {%- else -%} cast({{ value }} as double) {%- endif -%}
{%- endmacro -%}

{#- A sentence with the values of columns in the places that it names, `{school}` and the like. -#}
{%- macro filled(sentence, columns) -%}
    {%- set text = namespace(sql=sentence) -%}
    {%- for place, column in columns.items() -%}
        {%- set text.sql = "replace(" ~ text.sql ~ ", '{" ~ place ~ "}', coalesce(" ~ column ~ ", ''))" -%}
    {%- endfor -%}
    {{ text.sql }}
{%- endmacro -%}
