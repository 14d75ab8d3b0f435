{#- The five levels at which figures exist, as grouping sets beside the columns given. -#}
{%- macro each_area(columns) -%}
    grouping sets (
        ({{ columns }}, school_code),
        ({{ columns }}, county_code),
        ({{ columns }}, city_code),
        ({{ columns }}, province_code),
        ({{ columns }})
    )
{%- endmacro -%}

{%- macro area_level() -%}
    {{ level_of(areas_of_schools()) }}
{%- endmacro -%}

{%- macro area_code() -%}
    {{ code_of(areas_of_schools()) }}
{%- endmacro -%}

{#- The columns of a table of schools that are areas, by level. -#}
{%- macro areas_of_schools() -%}
    {{ return({
        'school': 'school_code', 'county': 'county_code', 'city': 'city_code', 'province': 'province_code',
    }) }}
{%- endmacro -%}

{#- The level that a row of grouping sets over the areas is of; over none of them it is the country. -#}
{%- macro level_of(areas) -%}
    case
        {%- for level, column in areas.items() %}
        when grouping({{ column }}) = 0 then '{{ level }}'
        {%- endfor %}
        else 'country'
    end
{%- endmacro -%}

{#- The code of the area that such a row is of. -#}
{%- macro code_of(areas) -%}
    case
        {%- for column in areas.values() %}
        when grouping({{ column }}) = 0 then {{ column }}
        {%- endfor %}
        else '000000'
    end
{%- endmacro -%}

{#-
  How many cities with schools an area of cities has, of how many of them something is accepted, and
  how many are declared to have no school: year, area_level, area_code, expected, counted, without_schools.
-#}
{%- macro cities_of_areas() -%}
    select
        year,
        case when grouping(province_code) = 0 then 'province' else 'country' end as area_level,
        coalesce(province_code, '000000') as area_code,
        count(case when is_expected then 1 end) as expected,
        count(case when is_expected and is_counted then 1 end) as counted,
        count(case when not is_expected then 1 end) as without_schools
    from {{ ref('fct_expected_city') }}
    group by grouping sets ((year, province_code), (year))
{%- endmacro -%}
