with

measure_cells as (

    {{ declared_measure_cells() }}

)

select * from measure_cells
