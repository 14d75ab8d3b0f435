{#- One row a day, from the first to the day before the last. -#}
{%- macro days(first, last) -%}
    {{ dbt.date_spine('day', "cast('" ~ first ~ "' as date)", "cast('" ~ last ~ "' as date)") }}
{%- endmacro -%}

{#- The day, in the zone of the home's people, of a moment that is written in UTC as ISO 8601. -#}
{%- macro day_of(moment) -%}
    {{ return(adapter.dispatch('day_of')(moment)) }}
{%- endmacro -%}

{%- macro default__day_of(moment) -%}
    cast(timezone('{{ var("time_zone") }}', cast({{ moment }} as timestamptz)) as date)
{%- endmacro -%}

{%- macro spark__day_of(moment) -%}
    to_date(from_utc_timestamp(substr({{ moment }}, 1, 19), '{{ var("time_zone") }}'))
{%- endmacro -%}
