{#-
  Indicators by class: the teachers by title, the students by major category. A metric names in
  `meta.breakdowns` the dimensions of its semantic model that it is broken down by; an entity, such
  as the county, is a dimension as well. Where the classes stand in another fact than the total, a
  metric over that fact says in `meta.breakdown_of` which indicator it breaks down.
-#}

{#-
  Breakdowns whose classes are of schools, not of rows, by their column of int_school_population: a
  school is in one class of them whether it files or not, and each class has schools of its own.
-#}
{%- macro breakdowns_of_schools() -%}
    {{ return({'county': 'county_code', 'ownership': 'ownership_of_year'}) }}
{%- endmacro -%}

{#-
  int_school_population, `population`, with each school once over all classes, and once in its class
  of each such breakdown: breakdown_of_schools, class_of_schools.
-#}
{%- macro schools_by_class(population) -%}
    select
        *,
        {{ text(none) }} as breakdown_of_schools,
        {{ text(none) }} as class_of_schools
    from {{ population }}
    {%- for breakdown, column in breakdowns_of_schools().items() %}
    union all
    select
        *,
        '{{ breakdown }}' as breakdown_of_schools,
        coalesce({{ column }}, 'other') as class_of_schools
    from {{ population }}
    {%- endfor %}
{%- endmacro -%}

{#- One entry a breakdown of an indicator: its parts as indicators_sorted(), and the dimension. -#}
{%- macro breakdowns_sorted() -%}
    {%- set breakdowns = [] -%}
    {%- for metric in metrics_with('breakdowns') -%}
        {%- set model = metric.numerator_place.model -%}
        {%- for name in metric.meta.breakdowns -%}
            {%- set dimension = (model.dimensions + model.entities) | selectattr('name', 'equalto', name) | first -%}
            {%- if not dimension or filed_by(model) == 'bureau' -%}
                {%- do exceptions.raise_compiler_error(
                    metric.metric.name ~ ": " ~ model.name ~ " is filed by bureaus, or has no dimension " ~ name
                ) -%}
            {%- endif -%}
            {%- do breakdowns.append(dict(
                metric,
                indicator_id=metric.meta.get('breakdown_of', metric.metric.name),
                dimension=dimension
            )) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(breakdowns) }}
{%- endmacro -%}

{#- Every breakdown as it is declared, one a row, with the names of dim_breakdown's columns. -#}
{%- macro declared_breakdowns() -%}
    {%- set labels = labels_of_places() -%}
    select *
    from (
        values
        {%- for breakdown in breakdowns_sorted() %}
        {%- set top = breakdown.numerator_place %}
        {%- set bottom = breakdown.denominator_place %}
        (
            {{ text(breakdown.indicator_id) }},
            {{ text(breakdown.dimension.name) }},
            {{ text(breakdown.dimension.label) }},
            {{ text(breakdown.dimension.description) }},
            {{ text(breakdown.metric.name) }},
            {{ text(top.model.model.split("'")[1]) }},
            {{ text(breakdown.dimension.expr or breakdown.dimension.name) }},
            {{ text(breakdown.numerator) }},
            {{ text(formula(top.measure)) }},
            {{ text(breakdown.denominator) }},
            {{ text(formula(bottom.measure) if bottom else none) }},
            {{ number(breakdown.meta.get('scale', 1)) }},
            {{ breakdown.metric.type != 'ratio' and top.measure.agg == 'sum' }},
            {{ number(said_of_coverage(breakdown, 'minimum_coverage_pct')) }},
            {{ number(said_of_coverage(breakdown, 'minimum_weight_pct')) }},
            {{ text(form_columns_of_indicator(breakdown, labels)) }}
        ){{ ',' if not loop.last }}
        {%- endfor %}
    ) as declared (
        indicator_id, breakdown, name_zh, name_en, metric, fact, class_formula,
        numerator, numerator_formula, denominator, denominator_formula, scale, is_additive,
        minimum_coverage_pct, minimum_weight_pct, form_columns
    )
{%- endmacro -%}

{#- The measures that are broken down: one entry a semantic model and dimension. -#}
{%- macro measures_broken_down() -%}
    {%- set found = {} -%}
    {%- for breakdown in breakdowns_sorted() -%}
        {%- for place in (breakdown.numerator_place, breakdown.denominator_place) if place -%}
            {%- set key = (place.model.name, breakdown.dimension.name) -%}
            {%- set entry = found.setdefault(
                key, {'model': place.model, 'dimension': breakdown.dimension, 'measures': {}}
            ) -%}
            {%- do entry.measures.update({place.measure.name: place.measure}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found.values() | list) }}
{%- endmacro -%}

{#- The class that a row belongs to; what belongs to no known one is the class `other`. -#}
{%- macro class_of(dimension) -%}
    coalesce(cast({{ dimension.expr or dimension.name }} as {{ dbt.type_string() }}), 'other')
{%- endmacro -%}

{#-
  Every measure that is broken down, by class: year, area_level, area_code, breakdown, class_code,
  measure, value, schools, schools_with_a_blank. A class that a school did not fill keeps its row,
  with the value null.
-#}
{%- macro measures_by_class() -%}
    {%- do read_declared_facts() -%}
    {%- for entry in measures_broken_down() %}
    {{ 'union all' if not loop.first }}
    {{ measures_of_classes(entry.model, entry.dimension, entry.measures.values() | list) }}
    {%- endfor %}
{%- endmacro -%}

{#-
  Of a sheet with a row a thing, a school without a row of some class has none of it: it counts for
  that class as well. So the schools behind a class are those that filed the measure at all, less
  those that left a cell of this class blank. Where any school left some cell of any class blank,
  the classes do not stand on the same schools, though each may count as many.
-#}
{%- macro measures_of_classes(model, dimension, measures) -%}
    {%- set areas = areas_of(model) -%}
    {%- set columns = ['year'] + areas.values() | list + [class_of(dimension) ~ ' as class_code'] -%}
    {%- for measure in measures -%}
        {%- set cells = 'count(' ~ (measure.expr or measure.name) ~ ') over (partition by year, ' ~ areas.school ~ ')' -%}
        {%- do columns.append(cells ~ ' as ' ~ measure.name ~ '__cells') -%}
    {%- endfor -%}
    select
        year,
        area_level,
        area_code,
        '{{ dimension.name }}' as breakdown,
        class_code,
        measure,
        value,
        filers - lacking as schools,
        schools_with_a_blank
    from (
        select
            *,
            max(case when is_total = 1 then filed end) over (
                partition by year, area_level, area_code, measure
            ) as filers,
            max(case when is_total = 1 then lacking end) over (
                partition by year, area_level, area_code, measure
            ) as schools_with_a_blank
        from (
            select
                year,
                {{ level_of(areas) }} as area_level,
                {{ code_of(areas) }} as area_code,
                class_code,
                grouping(class_code) as is_total,
                {%- for measure in measures %}
                {%- set name = measure.name %}
                {%- if measure.agg == 'count_distinct' %}
                cast({{ aggregated(measure) }} as double) as {{ name }},
                cast(count(distinct {{ areas.school }}) as bigint) as {{ name }}__filed,
                cast(0 as bigint) as {{ name }}__lacking{{ ',' if not loop.last }}
                {%- else %}
                cast({{ aggregated(measure) }} as double) as {{ name }},
                cast(count(distinct case when {{ name }}__cells > 0 then {{ areas.school }} end) as bigint) as {{ name }}__filed,
                cast(count(distinct case when {{ name }}__cells > 0 and {{ name }} is null then {{ areas.school }} end) as bigint) as {{ name }}__lacking{{ ',' if not loop.last }}
                {%- endif %}
                {%- endfor %}
            from (
                {{ rows_for_measures(model, measures, columns, class_of(dimension)) }}
            ) as filed
            group by grouping sets (
                {%- for column in areas.values() %}
                (year, {{ column }}),
                (year, {{ column }}, class_code),
                {%- endfor %}
                (year),
                (year, class_code)
            )
        ) as grouped
        unpivot include nulls (
            (value, filed, lacking) for measure in (
                {%- for measure in measures %}
                ({{ measure.name }}, {{ measure.name }}__filed, {{ measure.name }}__lacking) as {{ measure.name }}{{ ',' if not loop.last }}
                {%- endfor %}
            )
        )
        where area_code is not null
    ) as totalled
    -- What nobody of the area filed has no row.
    where is_total = 0 and filers > 0
{%- endmacro -%}

{#- Columns of a fact with one row a school as rows, one a class, which is named as its column. -#}
{%- macro one_row_a_class(fact, dimension, quantity, columns) -%}
    select
        city,
        year,
        year_date,
        school_code,
        county_code,
        city_code,
        province_code,
        submission_id,
        row_no,
        {{ dimension }},
        {{ quantity }}
    from (
        select
            city,
            year,
            year_date,
            school_code,
            county_code,
            city_code,
            province_code,
            submission_id,
            row_no,
            {{ columns | join(',\n            ') }}
        from {{ ref(fact) }}
    ) as filed
    unpivot include nulls ({{ quantity }} for {{ dimension }} in ({{ columns | join(', ') }}))
{%- endmacro -%}

{#-
  What each filed row adds to each measure that is broken down, with its class; otherwise as
  contributions_of_rows().
-#}
{%- macro contributions_by_class() -%}
    {%- do read_declared_facts() -%}
    {%- set parts = [] -%}
    {%- for entry in measures_broken_down() -%}
        {%- for measure in entry.measures.values() -%}
            {%- do parts.append(contribution_by_class(entry.model, entry.dimension, measure)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ parts | join('\n    union all\n    ') }}
{%- endmacro -%}

{%- macro contribution_by_class(model, dimension, measure) -%}
    {%- set is_count = measure.agg == 'count_distinct' -%}
    {%- set columns = [
        'city', 'year', 'school_code', class_of(dimension) ~ ' as class_code', row_of(model) ~ ' as row_no',
    ] -%}
    select
        city,
        year,
        school_code,
        '{{ measure.name }}' as measure,
        '{{ dimension.name }}' as breakdown,
        class_code,
        row_no,
        {{ number(none) if is_count else 'cast(' ~ aggregated(measure) ~ ' as double)' }} as quantity,
        {{ 'cast(' ~ measure.name ~ ' as ' ~ dbt.type_string() ~ ')' if is_count else text(none) }} as counted
    from ({{ rows_for_measures(model, [measure], columns, class_of(dimension)) }}) as filed
    where {{ measure.name }} is not null
    group by all
{%- endmacro -%}
