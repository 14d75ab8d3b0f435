{#- The whole column of a sheet, as the cell a finding points at: 专业设置!F3:F15. -#}
{%- macro span(column) -%}
min(sheet) || '!' || min_by(split_part({{ column }}__cell, '!', 2), row_no) || ':' || max_by(split_part({{ column }}__cell, '!', 2), row_no)
{%- endmacro -%}
