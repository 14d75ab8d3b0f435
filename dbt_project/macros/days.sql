{#- One row a day, from the first to the day before the last. -#}
{%- macro days(first, last) -%}
    {{ dbt.date_spine('day', "cast('" ~ first ~ "' as date)", "cast('" ~ last ~ "' as date)") }}
{%- endmacro -%}
