{#-
  What the figures owe to each school, from the same semantic models and metrics. Linear in schools:
  a total less what one school holds of it, never the totals of all others made again.

  One row a school and measure: year, city_code, school_code, measure and `held`, which of a sum is
  the school's own and of a distinct count the keys that no other school of the city has.
-#}
{%- macro measures_held_by_schools() -%}
    {%- do read_declared_facts() -%}
    {%- set parts = [] -%}
    {%- for model in semantic_models_sorted() if filed_by(model) == 'school' -%}
        {%- set sums = model.measures | selectattr('agg', 'equalto', 'sum') | list -%}
        {%- set counts = model.measures | selectattr('agg', 'equalto', 'count_distinct') | list -%}
        {%- for measure in model.measures if measure not in sums and measure not in counts -%}
            {%- do exceptions.raise_compiler_error(
                measure.name ~ ": macros/impact.sql does not know what one school holds of " ~ measure.agg
            ) -%}
        {%- endfor -%}
        {%- if sums -%} {%- do parts.append(sums_of_schools(model, sums)) -%} {%- endif -%}
        {%- if counts -%} {%- do parts.append(keys_of_one_school(model, counts)) -%} {%- endif -%}
    {%- endfor -%}
    {{ parts | join('\n    union all\n    ') }}
{%- endmacro -%}

{%- macro sums_of_schools(model, measures) -%}
    {%- set areas = areas_of(model) -%}
    select
        year,
        city_code,
        school_code,
        measure,
        held
    from (
        select
            year,
            {{ areas.city }} as city_code,
            {{ areas.school }} as school_code,
            {%- for measure in measures %}
            {{ aggregated(measure) }} as {{ measure.name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ ref(model.model.split("'")[1]) }}
        group by year, {{ areas.city }}, {{ areas.school }}
    ) as by_school
    unpivot (held for measure in ({{ measures | map(attribute='name') | join(', ') }}))
{%- endmacro -%}

{#- A school with rows and no key has its row as well: it was looked at, see contributors(). -#}
{%- macro keys_of_one_school(model, measures) -%}
    {%- set areas = areas_of(model) -%}
    select
        year,
        city_code,
        school_code,
        measure,
        cast(count(distinct case when first_holder = last_holder then counted end) as decimal(38, 6)) as held
    from (
        select
            year,
            city_code,
            school_code,
            measure,
            counted,
            min(school_code) over (partition by year, city_code, measure, counted) as first_holder,
            max(school_code) over (partition by year, city_code, measure, counted) as last_holder
        from (
            select
                year,
                {{ areas.city }} as city_code,
                {{ areas.school }} as school_code,
                {%- for measure in measures %}
                cast({{ measure.expr or measure.name }} as {{ dbt.type_string() }}) as {{ measure.name }}{{ ',' if not loop.last }}
                {%- endfor %}
            from {{ ref(model.model.split("'")[1]) }}
        ) as filed
        unpivot include nulls (
            counted for measure in ({{ measures | map(attribute='name') | join(', ') }})
        )
    ) as holders
    group by year, city_code, school_code, measure
{%- endmacro -%}
