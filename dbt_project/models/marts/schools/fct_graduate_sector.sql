with

graduates as (

    {{ one_row_a_class(
        'fct_destination', 'sector', 'employed',
        ['employed_primary_sector', 'employed_secondary_sector', 'employed_tertiary_sector']
    ) }}

)

select * from graduates
