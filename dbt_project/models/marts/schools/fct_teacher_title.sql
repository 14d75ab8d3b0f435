with

teachers as (

    {{ one_row_a_class(
        'fct_staff', 'title', 'teachers',
        ['title_senior', 'title_associate_senior', 'title_intermediate', 'title_junior']
    ) }}

)

select * from teachers
