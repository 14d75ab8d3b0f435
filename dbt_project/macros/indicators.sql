{#-
  From the semantic models and metrics to one table of indicators.
  Per semantic model one pass with grouping sets over the areas, each measure with its own
  aggregate and the count of schools behind it; then ratios of what was aggregated, so that a
  city's rate is never a mean of its schools' rates.

  An indicator is a declared metric. A measure with `create_metric: true` is a part of a ratio and
  no indicator: the numerator or denominator over the schools that filed both. A metric with
  `meta.breakdown_of` is no indicator either, but another's by class: macros/breakdowns.sql.
-#}
{%- macro semantic_models_sorted() -%}
    {%- set models = [] -%}
    {%- if execute -%}
        {%- for model in graph.semantic_models.values() | sort(attribute='name') -%}
            {%- do models.append(model) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(models) }}
{%- endmacro -%}

{#-
  Says of the model at hand that it reads every table that a semantic model is on: dbt asks before
  there is a graph. `declared_facts` is made from the semantic models' YAML.
-#}
{%- macro read_declared_facts() -%}
    {%- for fact in declared_facts() -%} {%- do ref(fact) -%} {%- endfor -%}
{%- endmacro -%}

{#- One entry an indicator: the metric, its parts, and where each part is summed or counted. -#}
{%- macro indicators_sorted() -%}
    {{ return(metrics_with('unit')) }}
{%- endmacro -%}

{#- The same of every metric whose meta says a thing. -#}
{%- macro metrics_with(said) -%}
    {%- set places = {} -%}
    {%- for model in semantic_models_sorted() -%}
        {%- for measure in model.measures -%}
            {%- do places.update({measure.name: {'model': model, 'measure': measure}}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set names = {} -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for metric in graph.metrics.values() | sort(attribute='name') -%}
            {%- do names.update({metric.name: metric}) -%}
        {%- endfor -%}
        {%- for metric in names.values() if metric.config.meta.get(said) -%}
            {%- set is_ratio = metric.type == 'ratio' -%}
            {%- set parts = metric.type_params -%}
            {%- set numerator = parts.numerator.name if is_ratio else parts.measure.name -%}
            {%- set denominator = parts.denominator.name if is_ratio else none -%}
            {%- do found.append({
                'metric': metric,
                'meta': metric.config.meta,
                'numerator': numerator,
                'denominator': denominator,
                'numerator_place': places[numerator],
                'denominator_place': places[denominator],
                'numerator_metric': names[numerator] if is_ratio else metric,
                'denominator_metric': names[denominator],
            }) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro -%}

{#- The areas of a semantic model are its entities: level and column. -#}
{%- macro areas_of(model) -%}
    {%- set areas = {} -%}
    {%- for entity in model.entities -%}
        {%- do areas.update({entity.name: entity.expr}) -%}
    {%- endfor -%}
    {{ return(areas) }}
{%- endmacro -%}

{#- The level that a row of grouping sets over the areas is of. -#}
{%- macro level_of(areas) -%}
    case
        {%- for level, column in areas.items() %}
        when grouping({{ column }}) = 0 then '{{ level }}'
        {%- endfor %}
    end
{%- endmacro -%}

{#- A semantic model that does not reach down to schools is over what bureaus file. -#}
{%- macro filed_by(model) -%}
    {{ return('school' if 'school' in areas_of(model) else 'bureau') }}
{%- endmacro -%}

{#-
  Who could stand behind an indicator, as schools_on_roster() names it: all who file it, unless its
  semantic model says in `meta.population` that it is of fewer.
-#}
{%- macro population_of(indicator_id, filed_by) -%}
    {%- set populations = {} -%}
    {%- for indicator in indicators_sorted() if indicator.numerator_place.model.config.meta.get('population') -%}
        {%- do populations.update({indicator.metric.name: indicator.numerator_place.model.config.meta.population}) -%}
    {%- endfor -%}
    {%- if not populations -%} {{ filed_by }}
    {%- else -%}
    case {{ indicator_id }}
        {%- for indicator, population in populations.items() %}
        when {{ text(indicator) }} then {{ text(population) }}
        {%- endfor %}
        else {{ filed_by }}
    end
    {%- endif -%}
{%- endmacro -%}

{#- A measure as a person reads it. -#}
{%- macro formula(measure) -%}
    {%- set expression = measure.expr or measure.name -%}
    {%- if measure.agg == 'count_distinct' -%} count(distinct {{ expression }})
    {%- else -%} {{ measure.agg }}({{ expression }})
    {%- endif -%}
{%- endmacro -%}

{#-
  A measure as it is computed. Sums are exact: those of doubles hang on the order of the rows, and
  the same submissions must give the same figures, bit for bit, on any machine. Six decimals of
  10k CNY are a hundredth of a yuan.
-#}
{%- macro aggregated(measure) -%}
    {%- if measure.agg == 'sum' -%} sum(cast({{ measure.expr or measure.name }} as decimal(38, 6)))
    {%- else -%} {{ formula(measure) }}
    {%- endif -%}
{%- endmacro -%}

{#-
  The schools (or bureaus) behind a measure: those with a value to sum; for a distinct count those
  with any row of the sheet, since a school without a matching row was looked at as well. Counting
  distinct is most of what the figures cost, so a fact with one row a filer says so.
-#}
{%- macro contributors(measure, filer, has_one_row_a_filer) -%}
    {%- set value = measure.expr or measure.name -%}
    {%- if measure.agg == 'count_distinct' -%} count(distinct {{ filer }})
    {%- elif has_one_row_a_filer -%} count({{ value }})
    {%- else -%} count(distinct case when ({{ value }}) is not null then {{ filer }} end)
    {%- endif -%}
{%- endmacro -%}

{#- Every measure of every semantic model: year, area_level, area_code, measure, value, schools. -#}
{%- macro measures_by_area() -%}
    {%- do read_declared_facts() -%}
    {%- for model in semantic_models_sorted() %}
    {{ 'union all' if not loop.first }}
    {{ measures_of(model) }}
    {%- endfor %}
{%- endmacro -%}

{%- macro measures_of(model) -%}
    {%- set areas = areas_of(model) -%}
    {%- set filer = areas.school or areas.city -%}
    {%- set one_row = model.config.meta.get('has_one_row_a_filer', false) -%}
    select
        year,
        area_level,
        area_code,
        measure,
        value,
        schools
    from (
        select
            year,
            {{ level_of(areas) }} as area_level,
            coalesce({{ areas.values() | join(', ') }}) as area_code,
            {%- for measure in model.measures %}
            cast({{ aggregated(measure) }} as double) as {{ measure.name }},
            cast({{ contributors(measure, filer, one_row) }} as bigint) as {{ measure.name }}__schools{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ ref(model.model.split("'")[1]) }}
        group by grouping sets (
            {%- for column in areas.values() %}
            (year, {{ column }}){{ ',' if not loop.last }}
            {%- endfor %}
        )
    ) as grouped
    unpivot (
        (value, schools) for measure in (
            {%- for measure in model.measures %}
            ({{ measure.name }}, {{ measure.name }}__schools) as {{ measure.name }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
    )
{%- endmacro -%}

{#-
  The share of schools below which a figure is withheld: the indicator's own, null for none, or that
  of its semantic model. Over sheets that not every school fills there is none: no row is no gap.
-#}
{%- macro minimum_coverage_pct(indicator) -%}
    {%- set of_model = indicator.numerator_place.model.config.meta.get('minimum_coverage_pct') -%}
    {{ return(indicator.meta.get('minimum_coverage_pct', of_model)) }}
{%- endmacro -%}

{#-
  What a figure is before anybody signs it. Exactly at the minimum is enough. A school's own figure
  is never withheld: there is nobody whom it could lack.
-#}
{%- macro coverage_status(area_level, counted, expected, minimum_pct) -%}
    case
        when {{ area_level }} <> 'school' and 100 * {{ counted }} < {{ minimum_pct }} * {{ expected }}
            then 'withheld'
        else 'provisional'
    end
{%- endmacro -%}

{#- Every indicator as it is declared, one a row, with the names of dim_indicator's columns. -#}
{%- macro declared_indicators() -%}
    {%- set labels = labels_of_places() -%}
    select *
    from (
        values
        {%- for indicator in indicators_sorted() %}
        {%- set meta = indicator.meta %}
        {%- set top = indicator.numerator_place %}
        {%- set bottom = indicator.denominator_place %}
        (
            {{ text(indicator.metric.name) }},
            {{ text(indicator.metric.label) }},
            {{ text(indicator.metric.description) }},
            {{ text(meta.unit) }},
            {{ meta.decimals }},
            {{ text(meta.section) }},
            {{ text(meta.cities | join(';') if meta.cities else none) }},
            {{ text(filed_by(top.model)) }},
            {{ text(top.model.model.split("'")[1]) }},
            {{ text(indicator.metric.type) }},
            {{ text(indicator.numerator) }},
            {{ text(indicator.numerator_metric.label) }},
            {{ text(indicator.numerator_metric.description) }},
            {{ text(formula(top.measure)) }},
            {{ text(indicator.denominator) }},
            {{ text(indicator.denominator_metric.label if bottom else none) }},
            {{ text(indicator.denominator_metric.description if bottom else none) }},
            {{ text(formula(bottom.measure) if bottom else none) }},
            {{ number(meta.get('scale', 1)) }},
            {{ number(meta.range[0]) }},
            {{ number(meta.range[1]) }},
            {{ number(meta.get('yoy_band_pct')) }},
            {{ number(minimum_coverage_pct(indicator)) }},
            {{ text(form_columns_of_indicator(indicator, labels)) }}
        ){{ ',' if not loop.last }}
        {%- endfor %}
    ) as declared (
        indicator_id, name_zh, name_en, unit, decimals, section, cities, filed_by, fact, kind,
        numerator, numerator_name_zh, numerator_name_en, numerator_formula,
        denominator, denominator_name_zh, denominator_name_en, denominator_formula,
        scale, range_low, range_high, yoy_band_pct, minimum_coverage_pct, form_columns
    )
{%- endmacro -%}
