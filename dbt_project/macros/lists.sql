{#- Texts that are lists, 'a;b;c': what DuckDB and Spark call differently. -#}

{#- The texts of a group as one list, in the order of an expression. -#}
{%- macro listed(text, order_by, separator=';') -%}
    {{ return(adapter.dispatch('listed')(text, order_by, separator)) }}
{%- endmacro -%}

{%- macro default__listed(text, order_by, separator) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro -%}

{%- macro spark__listed(text, order_by, separator) -%}
    array_join(
        transform(
            array_sort(collect_list(struct({{ order_by }} as place, {{ text }} as word))),
            pair -> pair.word
        ),
        '{{ separator }}'
    )
{%- endmacro -%}

{#- The same list in alphabetical order. -#}
{%- macro list_in_order(list) -%}
    {{ return(adapter.dispatch('list_in_order')(list)) }}
{%- endmacro -%}

{%- macro default__list_in_order(list) -%}
    array_to_string(list_sort(string_split({{ list }}, ';')), ';')
{%- endmacro -%}

{%- macro spark__list_in_order(list) -%}
    array_join(array_sort(split({{ list }}, ';')), ';')
{%- endmacro -%}

{#- A row for each text of the list; no row for an empty one. Stands alone in a select list. -#}
{%- macro each_of(list) -%}
    {{ return(adapter.dispatch('each_of')(list)) }}
{%- endmacro -%}

{%- macro default__each_of(list) -%}
    unnest(string_split({{ list }}, ';'))
{%- endmacro -%}

{%- macro spark__each_of(list) -%}
    explode(split({{ list }}, ';'))
{%- endmacro -%}
