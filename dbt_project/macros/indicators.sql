{#-
  From the semantic models and metrics to one table of indicators.
  Per semantic model one pass with grouping sets over the areas, each measure with its own
  aggregate and the count of schools behind it; then ratios of what was aggregated, so that a
  city's rate is never a mean of its schools' rates.

  An indicator is a declared metric. A measure with `create_metric: true` is a part of a ratio and
  no indicator: the numerator or denominator over the schools that filed both, which parts_of_ratios()
  makes of a side that is no such part. A metric with
  `meta.breakdown_of` is no indicator either, but another's by class: macros/breakdowns.sql.
-#}
{%- macro semantic_models_sorted() -%}
    {%- set models = [] -%}
    {%- if execute -%}
        {%- set parts = parts_of_ratios().values() -%}
        {%- for model in graph.semantic_models.values() | sort(attribute='name') -%}
            {%- set made = parts | selectattr('model', 'equalto', model.name) | map(attribute='measure') | list -%}
            {%- do models.append(dict(model, measures=model.measures + made)) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(models) }}
{%- endmacro -%}

{#-
  The sides of ratios over the filers that filed both, so that a blank cell moves no rate, by ratio
  and side: the semantic model, a measure, and the metric that it would be. A side that is declared
  as such a part is as it says: MetricFlow, which knows no other, reads that too.
-#}
{%- macro parts_of_ratios() -%}
    {%- set places = {} -%}
    {%- for model in graph.semantic_models.values() -%}
        {%- for measure in model.measures -%}
            {%- do places.update({measure.name: {'model': model.name, 'measure': measure}}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set found = {} -%}
    {%- for metric in graph.metrics.values() if metric.type == 'ratio' -%}
        {%- set sides = {'numerator': metric.type_params.numerator.name, 'denominator': metric.type_params.denominator.name} -%}
        {%- for side, name in sides.items() -%}
            {%- set measure = places[name].measure -%}
            {%- set rows, value = rows_and_value(measure) -%}
            {%- set other = places[sides['denominator' if side == 'numerator' else 'numerator']] -%}
            {%- set beside = rows_and_value(other.measure)[1] -%}
            {%- set plain = graph.metrics['metric.nianbao.' ~ name] -%}
            {%- if plain.config.meta.unit and modules.re.fullmatch('\\w+( \\+ \\w+)*', beside) -%}
                {%- if other.model != places[name].model -%}
                    {%- do exceptions.raise_compiler_error(metric.name ~ ": its two sides are of two facts") -%}
                {%- endif -%}
                {%- set held = beside.split(' + ') | join(' is not null and ') ~ ' is not null' -%}
                {%- do found.update({(metric.name, side): {
                    'model': places[name].model,
                    'measure': dict(
                        measure,
                        name=name ~ '_of_' ~ metric.name,
                        expr='case when ' ~ (rows ~ ' and ' if rows != 'true' else '') ~ held ~ ' then ' ~ value ~ ' end'
                    ),
                    'metric': {
                        'label': plain.label ~ '（两项均填报的学校）',
                        'description': plain.description ~ ', of schools that filed both',
                    },
                }}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
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
        {%- set made = parts_of_ratios() -%}
        {%- for metric in graph.metrics.values() | sort(attribute='name') -%}
            {%- do names.update({metric.name: metric}) -%}
        {%- endfor -%}
        {%- for part in made.values() -%}
            {%- do names.update({part.measure.name: part.metric}) -%}
        {%- endfor -%}
        {%- for metric in graph.metrics.values() | sort(attribute='name') if metric.config.meta.get(said) -%}
            {%- set is_ratio = metric.type == 'ratio' -%}
            {%- set parts = metric.type_params -%}
            {%- set numerator = parts.numerator.name if is_ratio else parts.measure.name -%}
            {%- set denominator = parts.denominator.name if is_ratio else none -%}
            {%- if (metric.name, 'numerator') in made -%} {%- set numerator = made[metric.name, 'numerator'].measure.name -%} {%- endif -%}
            {%- if (metric.name, 'denominator') in made -%} {%- set denominator = made[metric.name, 'denominator'].measure.name -%} {%- endif -%}
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

{#-
  Who says it: a model over the roster declares `filed_by: roster`; one that does not reach down to
  schools is over what bureaus file.
-#}
{%- macro filed_by(model) -%}
    {{ return(model.config.meta.get('filed_by', 'school' if 'school' in areas_of(model) else 'bureau')) }}
{%- endmacro -%}

{#- A measure as a person reads it. -#}
{%- macro formula(measure) -%}
    {%- set expression = measure.expr or measure.name -%}
    {%- if measure.agg == 'count_distinct' -%} count(distinct {{ expression }})
    {%- else -%} {{ measure.agg }}({{ expression }})
    {%- endif -%}
{%- endmacro -%}

{#-
  A measure as it is computed over rows_for_measures(). Sums are exact: those of doubles hang on the
  order of the rows, and the same submissions must give the same figures, bit for bit, on any
  machine. Six decimals of 10k CNY are a hundredth of a yuan.
-#}
{%- macro aggregated(measure) -%}
    {%- if measure.agg == 'sum' -%} sum(cast({{ measure.name }} as decimal(38, 6)))
    {%- else -%} count(distinct {{ measure.name }})
    {%- endif -%}
{%- endmacro -%}

{#-
  Of a measure that is summed which rows it is about, and what of them: of `case when level =
  'national' then entrants end` the rows of that level, and `entrants`. Rows are those before the
  measure is held to the schools that filed another column too.
-#}
{%- macro rows_and_value(measure) -%}
    {%- set expression = without_blanks(measure) -%}
    {%- set said = modules.re.match('case when (.*) then (.*) end$', expression) -%}
    {{ return((said.group(1), said.group(2)) if said else ('true', expression)) }}
{%- endmacro -%}

{#-
  The rows of a semantic model's table with `columns` and for each measure what a row brings to it,
  by the measure's name. What some of a filer's rows give is not the filer's: where of one of them it
  is not known whether or what it adds, none of them brings anything, unless it is what a filer may
  leave out. Of a class, `class_code`, only its own rows are looked at.
-#}
{%- macro rows_for_measures(model, measures, columns, class_code=none) -%}
    {%- set areas = areas_of(model) -%}
    {%- set stated = measures_stated() -%}
    {%- set filer = ['year', areas.school or areas.city] + ([class_code] if class_code else []) -%}
    {%- set rows = 'over (partition by ' ~ filer | join(', ') ~ ')' -%}
    select
        {{ columns | join(',\n        ') }},
        {%- for measure in measures %}
        {%- set value = measure.expr or measure.name %}
        {%- if not is_of_all_rows(model, measure, stated) %}
        {{ value }} as {{ measure.name }}{{ ',' if not loop.last }}
        {%- else %}
        case
            when count({{ if_not_known(model, measure) }}) {{ rows }} = 0 then {{ value }}
        end as {{ measure.name }}{{ ',' if not loop.last }}
        {%- endif %}
        {%- endfor %}
    from {{ ref(model.model.split("'")[1]) }}
{%- endmacro -%}

{#- Whether one blank row keeps a filer out of a measure; `stated` is measures_stated(). -#}
{%- macro is_of_all_rows(model, measure, stated) -%}
    {{ return(
        (measure.agg == 'sum' or columns_asked(model, measure) != {}) and measure.name not in stated
        and not model.config.meta.get('has_one_row_a_filer')
    ) }}
{%- endmacro -%}

{#- One where a measure is about the row or, for a blank, may be; null elsewhere. -#}
{%- macro if_it_is_about(measure) -%}
    case when {{ '(' ~ rows_and_value(measure)[0] ~ ') is not false' if measure.agg == 'sum' else 'true' }} then 1 end
{%- endmacro -%}

{#-
  One where a blank leaves open whether a row is of a measure, or what it adds to it; null elsewhere.
  What a row counts as that is no cell's own, as the category of a major, is no blank where it is null.
-#}
{%- macro if_not_known(model, measure) -%}
    {%- set rows, value = rows_and_value(measure) -%}
    {%- set is_asked = measure.agg == 'sum' or modules.re.findall('\\w+', value) | select('in', columns_asked(model, measure)) | list -%}
    {%- set made = measure.expr or measure.name -%}
    {%- set open = '(' ~ rows ~ ') is not false and (' ~ made ~ ') is null' if is_asked else '(' ~ rows ~ ') is null' -%}
    {{ return('case when ' ~ open ~ ' then 1 end') }}
{%- endmacro -%}

{#- The same of a measure that asks for every row of a filer; of any other always null. -#}
{%- macro if_not_counted(model, measure, stated) -%}
    {{ return(if_not_known(model, measure) if is_of_all_rows(model, measure, stated) else 'cast(null as integer)') }}
{%- endmacro -%}

{#-
  The columns of a fact that are a cell's own and that a measure reads, whether they choose its rows
  or are what is added or counted: column and its cell, `sheet.column`. A name's key is its cell's
  own, and so is each of a list. Of `named_class is not null` a blank is an answer.
-#}
{%- macro columns_asked(model, measure) -%}
    {%- set fact = graph.nodes['model.nianbao.' ~ model.model.split("'")[1]] -%}
    {%- set expression = modules.re.sub("'[^']*'", '', without_blanks(measure)) -%}
    {%- set found = {} -%}
    {%- for word in modules.re.findall('[a-z_][a-z0-9_]*', expression) if word in fact.columns -%}
        {%- set said = fact.columns[word].config.meta -%}
        {%- for place in said.get('cells', []) if said.each_of or word == place.split('.')[1] ~ '_key' -%}
            {%- do found.update({word: place}) -%}
        {%- endfor -%}
        {%- if not said and fact.config.meta.form_tables | length == 1 -%}
            {%- do found.update({word: fact.config.meta.form_tables[0] ~ '.' ~ word}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro -%}

{#- The measures of what a filer may state, and need not: those of population `stating`. -#}
{%- macro measures_stated() -%}
    {%- set found = [] -%}
    {%- for indicator in indicators_sorted() if said_of_coverage(indicator, 'population') == 'stating' -%}
        {%- do found.append(indicator.numerator) -%}
        {%- do found.append(indicator.denominator) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro -%}

{#-
  What a measure is before it is held to the schools that filed another column too: the part of a
  ratio `case when a is not null then b end` is `b`.
-#}
{%- macro without_blanks(measure) -%}
    {%- set expression = modules.re.sub('( and)? \\w+ is not null', '', measure.expr or measure.name) -%}
    {{ return(modules.re.sub('^case when then (.*) end$', '\\1', expression)) }}
{%- endmacro -%}

{#- Every measure of every semantic model: year, area_level, area_code, measure, value, filers, filers_with_row. -#}
{%- macro measures_by_area() -%}
    {%- do read_declared_facts() -%}
    {%- for model in semantic_models_sorted() %}
    {{ 'union all' if not loop.first }}
    {{ measures_of(model) }}
    {%- endfor %}
{%- endmacro -%}

{#-
  What measures_by_area() says of one semantic model. `filers` says whether one filer stands behind
  the measure, with a value that is summed or, for a distinct count, with any rows of the sheet of
  which it is known what they are: a school without a matching row was looked at as well. `filers_with_row` says whether it has a row
  that the measure is about, blank or not. Over many filers both say nothing, and
  macros/coverage.sql counts those of one.
-#}
{%- macro measures_of(model) -%}
    {%- set areas = areas_of(model) -%}
    {%- set stated = measures_stated() -%}
    {%- set columns = ['year'] + areas.values() | list -%}
    {%- for measure in model.measures -%}
        {%- do columns.append(if_it_is_about(measure) ~ ' as ' ~ measure.name ~ '__is_about') -%}
        {%- if measure.agg == 'count_distinct' -%}
            {%- do columns.append(if_not_counted(model, measure, stated) ~ ' as ' ~ measure.name ~ '__is_not_known') -%}
        {%- endif -%}
    {%- endfor -%}
    select
        year,
        area_level,
        area_code,
        measure,
        value,
        filers,
        filers_with_row
    from (
        select
            year,
            {{ level_of(areas) }} as area_level,
            {{ code_of(areas) }} as area_code,
            {%- for measure in model.measures %}
            cast({{ aggregated(measure) }} as double) as {{ measure.name }},
            case when count({{ measure.name }}{{ '__is_not_known) = 0' if measure.agg == 'count_distinct' else ') > 0' }} then 1 else 0 end as {{ measure.name }}__filers,
            case when count({{ measure.name }}__is_about) > 0 then 1 else 0 end as {{ measure.name }}__filers_with_row{{ ',' if not loop.last }}
            {%- endfor %}
        from ({{ rows_for_measures(model, model.measures, columns) }}) as filed
        group by grouping sets (
            {%- for column in areas.values() %}
            (year, {{ column }}),
            {%- endfor %}
            (year)
        )
    ) as grouped
    unpivot include nulls (
        (value, filers, filers_with_row) for measure in (
            {%- for measure in model.measures %}
            ({{ measure.name }}, {{ measure.name }}__filers, {{ measure.name }}__filers_with_row) as {{ measure.name }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
    )
{%- endmacro -%}

{#-
  What an indicator says of its coverage, or its semantic model for all of its indicators:
  `population` (who could file it, macros/coverage.sql), `weight` (of what the population's weight
  is the sum, enrolled or graduates), `minimum_coverage_pct` and `minimum_weight_pct` (the share of
  schools and of weight below which it is withheld; null for none).
-#}
{%- macro said_of_coverage(indicator, what) -%}
    {%- set of_model = indicator.numerator_place.model.config.meta.get(what) -%}
    {{ return(indicator.meta.get(what, of_model)) }}
{%- endmacro -%}

{#-
  The counts that a rate is read beside, as a list 'a;b': indicators of the same population that are
  its numerator or denominator, before these are held to the schools that filed both.
-#}
{%- macro counts_beside(indicator, every) -%}
    {%- set found = [] -%}
    {%- if indicator.denominator -%}
        {%- set sides = [] -%}
        {%- for place in (indicator.numerator_place, indicator.denominator_place) -%}
            {%- do sides.append((place.model.name, place.measure.agg, without_blanks(place.measure))) -%}
        {%- endfor -%}
        {%- set population = said_of_coverage(indicator, 'population') -%}
        {%- for other in every if not other.denominator and said_of_coverage(other, 'population') == population -%}
            {%- set place = other.numerator_place -%}
            {%- if (place.model.name, place.measure.agg, without_blanks(place.measure)) in sides -%}
                {%- do found.append(other.metric.name) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found | join(';') or none) }}
{%- endmacro -%}

{#- Every indicator as it is declared, one a row, with the names of dim_indicator's columns. -#}
{%- macro declared_indicators() -%}
    {%- set labels = labels_of_places() -%}
    {%- set every = indicators_sorted() -%}
    select *
    from (
        values
        {%- for indicator in every %}
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
            {{ text(said_of_coverage(indicator, 'population')) }},
            {{ text(said_of_coverage(indicator, 'weight')) }},
            {{ number(said_of_coverage(indicator, 'minimum_coverage_pct')) }},
            {{ number(said_of_coverage(indicator, 'minimum_weight_pct')) }},
            {{ text(counts_beside(indicator, every)) }},
            {{ text(form_columns_of_indicator(indicator, labels)) }}
        ){{ ',' if not loop.last }}
        {%- endfor %}
    ) as declared (
        indicator_id, name_zh, name_en, unit, decimals, section, cities, filed_by, fact, kind,
        numerator, numerator_name_zh, numerator_name_en, numerator_formula,
        denominator, denominator_name_zh, denominator_name_en, denominator_formula,
        scale, range_low, range_high, yoy_band_pct, population, weight,
        minimum_coverage_pct, minimum_weight_pct, counts_beside, form_columns
    )
{%- endmacro -%}
