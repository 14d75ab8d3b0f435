with

teachers as (

    {{ one_row_a_class(
        'fct_staff', 'age', 'teachers',
        ['age_under_35', 'age_35_to_44', 'age_45_to_54', 'age_55_and_over']
    ) }}

)

select * from teachers
