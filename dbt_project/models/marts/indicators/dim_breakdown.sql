with

breakdowns as (

    {{ declared_breakdowns() }}

)

select * from breakdowns
