with

teachers as (

    {{ one_row_a_class(
        'fct_staff', 'degree', 'teachers',
        ['degree_postgraduate', 'degree_bachelor', 'degree_below_bachelor']
    ) }}

)

select * from teachers
