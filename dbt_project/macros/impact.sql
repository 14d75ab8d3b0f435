{#- What a finding does to a city's figures: what is said of shares and of ratios in one place. -#}

{#-
  int_school_population with how much each school weighs among those of its city's roster,
  enrolled_pct and graduates_pct: as it filed in the year or in the newest year before; of a school
  of which neither is known, or where nobody has any, one school's share.
-#}
{%- macro schools_weighed() -%}
    select
        *,
        {%- for weight in ('enrolled', 'graduates') %}
        coalesce(
            100.0 * {{ weight }} / nullif(sum({{ weight }}) over (partition by city, year), 0),
            100.0 / count(*) over (partition by city, year)
        ) as {{ weight }}_pct{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_school_population') }}
    where years_before = 0
{%- endmacro -%}

{#- A figure of `definitions` over a numerator and a denominator, which may be null. -#}
{%- macro figure_over(numerator, denominator) -%}
    case
        when definitions.denominator is null then cast({{ numerator }} as double)
        else
            definitions.scale * cast({{ numerator }} as double)
            / nullif(cast({{ denominator }} as double), 0)
    end
{%- endmacro -%}

{#- The sentence of an impact in one language, from its texts and expressions of what it names. -#}
{%- macro impact_told(missing, unread, whole_file, share, lacking, row, cell, change, corrected) -%}
    case
        when is_whole_file
            then
                case
                    when is_missing then {{ text(missing) }}
                    when is_unread then {{ text(unread) }}
                    else {{ text(whole_file) }}
                end
                || coalesce({{ share }}, '')
        when is_lacking then {{ lacking }}
        else
            case when is_row then {{ text(row) }} else {{ text(cell) }} end
            || {{ change }} || coalesce({{ text(corrected) }} || corrected_printed, '')
    end
{%- endmacro -%}
