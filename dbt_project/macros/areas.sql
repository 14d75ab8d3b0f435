{#- The four levels at which figures exist, as grouping sets beside the columns given. -#}
{%- macro each_area(columns) -%}
    grouping sets (
        ({{ columns }}, school_code),
        ({{ columns }}, county_code),
        ({{ columns }}, city_code),
        ({{ columns }}, province_code)
    )
{%- endmacro -%}

{%- macro area_level() -%}
    case
        when grouping(school_code) = 0 then 'school'
        when grouping(county_code) = 0 then 'county'
        when grouping(city_code) = 0 then 'city'
        else 'province'
    end
{%- endmacro -%}

{%- macro area_code() -%}
    coalesce(school_code, county_code, city_code, province_code)
{%- endmacro -%}
