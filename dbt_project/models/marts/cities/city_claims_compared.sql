with

claims as (

    select
        *,
        length(split_part(printed, '.', 2)) as printed_decimals
    from {{ ref('stg_nianbao__claims') }}

),

indicators as (

    select
        year,
        area_level,
        area_code,
        indicator_id,
        -- A report does not print what is withheld.
        case when status = 'withheld' then null else value end as value
    from {{ ref('fct_indicator') }}

),

-- A code can be that of a city and of a county without counties below it: the wider level is meant.
levels as (

    select
        area_code,
        min_by(
            area_level,
            case area_level when 'province' then 1 when 'city' then 2 when 'county' then 3 else 4 end
        ) as area_level
    from {{ ref('dim_area') }}
    group by area_code

),

top_categories as (

    select
        year,
        area_level,
        area_code,
        {{ listed("replace(class_name_zh, '大类', '')", "replace(class_name_zh, '大类', '')") }} as names,
        {{ listed("replace(class_name_zh, '大类', '')", "value_rank") }} as names_ranked
    from {{ ref('fct_indicator_breakdown') }}
    where
        indicator_id = 'enrolled'
        and breakdown = 'major_category'
        and value_rank <= {{ var('top_categories') }}
        and status <> 'withheld'
    group by year, area_level, area_code

),

computed as (

    select
        claims.*,
        levels.area_level,
        -- The names that lead by enrolment are made of enrolment.
        case when claims.compare = 'set' then 'enrolled' else claims.indicator_id end as made_of,
        case
            when claims.compare = 'set' then top_categories.names_ranked
            else {{ half_up('indicators.value', 'claims.printed_decimals') }}
        end as computed,
        case claims.compare
            when 'eq'
                then {{ half_up('indicators.value', 'claims.printed_decimals') }} = claims.printed
            when 'ge' then indicators.value >= try_cast(claims.printed as double)
            when 'set' then top_categories.names = {{ list_in_order('claims.printed') }}
        end as is_equal
    from claims
    left join levels on claims.area_code = levels.area_code
    left join indicators
        on
            levels.area_level = indicators.area_level
            and claims.area_code = indicators.area_code
            and claims.year = indicators.year
            and claims.indicator_id = indicators.indicator_id
    left join top_categories
        on
            levels.area_level = top_categories.area_level
            and claims.area_code = top_categories.area_code
            and claims.year = top_categories.year

)

select
    city,
    year,
    claim_id,
    section,
    label_zh,
    label_en,
    indicator_id,
    area_code,
    compare,
    printed,
    unit,
    note,
    is_flagged,
    area_level,
    made_of,
    computed,
    is_equal
from computed
