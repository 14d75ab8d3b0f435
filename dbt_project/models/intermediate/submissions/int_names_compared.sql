{#- Signs that tell names apart: numbers, letters, heavenly stems, directions, sizes, ranks. -#}
{%- set telling = "0123456789abcdefghijklmnopqrstuvwxyz零〇一二三四五六七八九十百千甲乙丙丁戊己庚辛壬癸东南西北中上下左右前后大小新老男女高初本专国省市县区" -%}
with

names as (

    select distinct
        city,
        year,
        column_id,
        name_key
    from {{ ref('int_names_filed') }}

),

cities as (

    select
        city,
        name_zh as city_name,
        regexp_replace(name_zh, '(市|地区|盟|自治州)$', '') as city_short,
        province_name_zh as province_name,
        regexp_replace(province_name_zh, '(省|市|(壮族|回族|维吾尔)?自治区|特别行政区)$', '') as province_short
    from {{ ref('stg_nianbao__cities') }}

),

-- Whether a name begins with its province or its city, and how it goes on.
without_province as (

    select
        names.*,
        cities.city_name,
        cities.city_short,
        case
            when substr(names.name_key, 1, length(cities.province_name)) = cities.province_name
                then length(cities.province_name)
            when substr(names.name_key, 1, length(cities.province_short)) = cities.province_short
                then length(cities.province_short)
            else 0
        end as province_length
    from names
    inner join cities on names.city = cities.city

),

without_province_and_city as (

    select
        *,
        case
            when substr(name_key, province_length + 1, length(city_name)) = city_name
                then length(city_name)
            when substr(name_key, province_length + 1, length(city_short)) = city_short
                then length(city_short)
            else 0
        end as city_length
    from without_province

),

stems as (

    select
        city,
        year,
        column_id,
        name_key,
        province_length > 0 as has_province,
        city_length > 0 as has_city,
        {{ name_stem('substr(name_key, province_length + city_length + 1)') }} as stem
    from without_province_and_city

),

-- Two long names that differ in one sign are the same without it: joined on that, and never each with each.
variants as (

    select
        *,
        0 as position,
        '' as left_out,
        stem as variant
    from stems
    where length(stem) >= 2
    union all
    select
        stems.*,
        positions.position,
        substr(stems.stem, positions.position, 1) as left_out,
        substr(stems.stem, 1, positions.position - 1) || substr(stems.stem, positions.position + 1) as variant
    from stems
    inner join {{ positions() }} on positions.position <= length(stems.stem)
    where length(stems.stem) >= 6

),

compared as (

    select
        one.city,
        one.year,
        one.column_id,
        one.name_key,
        other.name_key as near_key,
        length(one.stem) as one_length,
        length(other.stem) as other_length,
        one.position as one_position,
        other.position as other_position,
        one.left_out as one_left_out,
        other.left_out as other_left_out,
        one.left_out || other.left_out as left_out,
        one.left_out <> '' and position(one.left_out in '{{ telling }}') > 0 as is_one_telling,
        other.left_out <> '' and position(other.left_out in '{{ telling }}') > 0 as is_other_telling,
        one.has_province = other.has_province and one.has_city = other.has_city as begin_alike,
        -- What is the province's is not the city's: a name without the city must be without both.
        one.has_city = other.has_city
        or (not one.has_city and not one.has_province)
        or (not other.has_city and not other.has_province) as begin_compatibly,
        regexp_extract(one.stem, '^([^省市县区旗]{1,5}[省市县区旗])', 1)
        = regexp_extract(other.stem, '^([^省市县区旗]{1,5}[省市县区旗])', 1) as are_of_one_place
    from variants as one
    inner join variants as other
        on
            one.city = other.city
            and one.year = other.year
            and one.column_id = other.column_id
            and one.variant = other.variant
            and one.name_key < other.name_key

)

select distinct
    city,
    year,
    column_id,
    name_key,
    near_key
from compared
where
    case
        when one_position = 0 and other_position = 0 then begin_compatibly
        when not begin_alike then false
        -- One sign more.
        when one_position = 0 or other_position = 0
            then
                least(one_length, other_length) >= 6
                and (
                    left_out in ('市', '县', '区', '旗')
                    or (are_of_one_place and not is_one_telling and not is_other_telling)
                )
        when not are_of_one_place then false
        -- Another sign in one place, or two that changed places.
        when one_position = other_position then one_length >= 8 and not (is_one_telling and is_other_telling)
        else
            abs(one_position - other_position) = 1 and one_left_out = other_left_out and not is_one_telling
    end
