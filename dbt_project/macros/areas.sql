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

{#-
  How many schools of each area could stand behind a figure: of the population `school` all on its
  rosters, of `monitored` those whose conditions are monitored.
-#}
{%- macro schools_on_roster(schools) -%}
    select
        population,
        year,
        area_level,
        area_code,
        filers
    from (
        select
            year,
            {{ area_level() }} as area_level,
            {{ area_code() }} as area_code,
            count(*) as school,
            count(case when is_monitored then 1 end) as monitored
        from {{ schools }}
        group by {{ each_area('year') }}
    ) as counted
    unpivot (filers for population in (school, monitored))
{%- endmacro -%}
