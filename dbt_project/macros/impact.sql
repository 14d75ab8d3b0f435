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

{#-
  Of the schools of a relation each row of each fact by measure: city, year, school_code, row_no,
  measure, quantity, counted, filled, about, blank. Rows that rows_for_measures() keeps out for
  another row's blank are here with what they hold.
-#}
{%- macro rows_held_for_measures(schools) -%}
    {%- do read_declared_facts() -%}
    {%- set stated = measures_stated() -%}
    {%- for model in semantic_models_sorted() if 'school' in areas_of(model) %}
    {{ 'union all' if not loop.first }}
    select
        city,
        year,
        school_code,
        row_no,
        measure,
        quantity,
        counted,
        filled,
        about,
        blank
    from (
        select
            filed.city,
            filed.year,
            filed.school_code,
            {{ row_of(model) }} as row_no,
            {%- for measure in model.measures %}
            {%- set value = measure.expr or measure.name %}
            {%- if measure.agg == 'sum' %}
            cast(sum(cast({{ value }} as decimal(38, 6))) as double) as {{ measure.name }},
            {{ text(none) }} as {{ measure.name }}__counted,
            count({{ value }}) as {{ measure.name }}__filled,
            {%- else %}
            {{ number(none) }} as {{ measure.name }},
            max(cast({{ value }} as {{ dbt.type_string() }})) as {{ measure.name }}__counted,
            count(*) as {{ measure.name }}__filled,
            {%- endif %}
            count({{ if_it_is_about(measure) }}) as {{ measure.name }}__about,
            count({{ if_not_counted(model, measure, stated) }}) as {{ measure.name }}__blank{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ ref(model.model.split("'")[1]) }} as filed
        where exists (
            select 1 from {{ schools }}
            where
                {{ schools }}.city = filed.city
                and {{ schools }}.year = filed.year
                and {{ schools }}.school_code = filed.school_code
        )
        group by filed.city, filed.year, filed.school_code, {{ row_of(model) }}
    ) as held
    unpivot include nulls (
        (quantity, counted, filled, about, blank) for measure in (
            {%- for measure in model.measures %}
            ({{ measure.name }}, {{ measure.name }}__counted, {{ measure.name }}__filled, {{ measure.name }}__about, {{ measure.name }}__blank) as {{ measure.name }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
    )
    {%- endfor %}
{%- endmacro -%}

{#-
  How much a row of a class adds to a measure where what the class is judged by is not filed: one to
  those that count what cannot be judged.
-#}
{%- macro quantity_without_cell(measure) -%}
    {%- set open = [] -%}
    {%- for model in semantic_models_sorted() -%}
        {%- for each in model.measures if modules.re.search('cast\\(\\w+ is null as', each.expr or '') -%}
            {%- do open.append(each.name) -%}
        {%- endfor -%}
    {%- endfor -%}
    case when {{ measure }} in ({{ texts(open) if open else text(none) }}) then 1 else 0 end
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

{#- What is left of a part of a figure without what a relation takes from it; nothing where that is all. -#}
{%- macro what_is_left(part, taken) -%}
    case
        when {{ taken }}.is_all is not true
            then cast(coalesce({{ part }}, 0) as decimal(38, 6)) - coalesce({{ taken }}.quantity, 0)
    end
{%- endmacro -%}

{#- Whether there is what stands below the line of `definitions`, if it has one. -#}
{%- macro is_filed_below(filed) -%}
    (definitions.denominator is null or coalesce({{ filed }}, false))
{%- endmacro -%}

{#- One where the school of `every_figure` is counted in a figure and in its population, else zero. -#}
{%- macro counted_in_population(has_row, is_counted) -%}
    case
        when every_figure.{{ is_counted }}
            and {{ in_population('definitions.population', 'every_figure.' ~ has_row, 'every_figure.' ~ is_counted) }}
            then 1
        else 0
    end
{%- endmacro -%}

{#-
  A figure as it is printed, with the schools behind it where these are not all that could be, as
  `schools_counted` and `schools_expected` say, with or `_without` the rows; a dash without figure.
-#}
{%- macro printed_of_schools(value, without, language) -%}
    coalesce(
        {{ half_up(value, 'decimals') }} || case
            when schools_counted{{ without }} < schools_expected{{ without }}
                then
                    {{ filled(text({'zh': '（{n}/{m}所）', 'en': ' ({n} of {m} schools)'}[language]), {
                        'n': 'cast(schools_counted' ~ without ~ ' as ' ~ dbt.type_string() ~ ')',
                        'm': 'cast(schools_expected' ~ without ~ ' as ' ~ dbt.type_string() ~ ')',
                    }) }}
            else ''
        end,
        '—'
    )
{%- endmacro -%}

{#- The sentence of an impact in one language, from its texts and expressions of what it names. -#}
{%- macro impact_told(missing, unread, whole_file, share, lacking, row, cell, change, corrected, corrected_printed) -%}
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
            || {{ change }} || case when value_corrected is null then '' else {{ text(corrected) }} || {{ corrected_printed }} end
    end
{%- endmacro -%}
