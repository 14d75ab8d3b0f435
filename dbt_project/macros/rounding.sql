{#-
  Half-up at the printed decimals, as text; away from zero for negative values. Decimal first: the
  double nearest to 97.775 lies below it, and would be rounded down.
-#}
{%- macro half_up(value, decimals) -%}
    case {{ decimals }}
        {%- for n in range(5) %}
        when {{ n }} then cast(cast(round(cast({{ value }} as decimal(38, 10)), {{ n }}) as decimal(38, {{ n }})) as {{ dbt.type_string() }})
        {%- endfor %}
    end
{%- endmacro -%}
