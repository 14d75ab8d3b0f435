with

schools as (

    select * from {{ ref('int_school_population') }}

),

indicators as (

    select * from {{ ref('dim_indicator') }}
    where filed_by <> 'bureau'

),

figures_of_schools as (

    select * from {{ ref('fct_indicator') }}
    where area_level = 'school'

),

accepted as (

    select * from {{ ref('int_submissions_accepted') }}
    where filed_by = 'school'

),

exclusions as (

    select * from {{ ref('fct_exclusion') }}

),

rows_of_figures as (

    {{ rows_of_figures() }}

),

-- Schools with a row that a figure is made of, blank or not.
schools_with_row as (

    select distinct
        accepted.year,
        accepted.school_code,
        rows_of_figures.figure
    from rows_of_figures
    inner join accepted on rows_of_figures.submission_id = accepted.submission_id

),

asked as (

    select
        schools.city,
        schools.year,
        schools.school_code,
        indicators.indicator_id,
        schools.is_filed,
        exclusions.school_code is not null as is_excluded,
        {{ in_population(
            'indicators.population',
            has_row='(not schools.is_filed or schools_with_row.figure is not null or coalesce(figures_of_schools.schools_expected, 0) > 0)',
            has_value='not schools.is_filed'
        ) }} as is_in_population,
        coalesce(figures_of_schools.schools_counted, 0) > 0 as is_counted
    from schools
    inner join indicators on schools.years_before = {{ years_before_of('indicators.population') }}
    left join figures_of_schools
        on
            schools.year = figures_of_schools.year
            and schools.school_code = figures_of_schools.area_code
            and indicators.indicator_id = figures_of_schools.indicator_id
    left join schools_with_row
        on
            schools.year = schools_with_row.year
            and schools.school_code = schools_with_row.school_code
            and indicators.indicator_id = schools_with_row.figure
    left join exclusions
        on
            schools.city = exclusions.city
            and schools.year - schools.years_before = exclusions.year
            and schools.school_code = exclusions.school_code

)

select
    city,
    year,
    school_code,
    indicator_id,
    case
        when not coalesce(is_in_population, false) then 'not_in_population'
        when is_excluded then 'excluded'
        when not is_filed then 'not_accepted'
        else 'blank'
    end as reason
from asked
where not is_counted
