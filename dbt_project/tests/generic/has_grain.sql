{#- One row a combination of the columns, and none of them missing but those that may be. -#}
{% test has_grain(model, columns, may_be_missing=[]) %}
    select
        {{ columns | join(', ') }},
        count(*) as rows_of_the_key
    from {{ model }}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        {%- for column in columns if column not in may_be_missing %}
        or {{ column }} is null
        {%- endfor %}
{% endtest %}
