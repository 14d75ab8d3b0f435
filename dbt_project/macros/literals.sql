{#- Values of Jinja as literals with a type, missing ones too. -#}
{%- macro text(value) -%}
    {%- if value is none -%} cast(null as {{ dbt.type_string() }})
    {%- else -%} '{{ value | string | replace("'", "''") }}'
    {%- endif -%}
{%- endmacro -%}

{%- macro number(value) -%}
    {%- if value is none -%} cast(null as double) {%- else -%} cast({{ value }} as double) {%- endif -%}
{%- endmacro -%}
