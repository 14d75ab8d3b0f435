{#- A sum that is known only where every row has its part: a blank is not zero. -#}
{%- macro whole_sum(column) -%}
case when count(*) = count({{ column }}) then sum({{ column }}) end
{%- endmacro -%}
