with

indicators as (

    {{ declared_indicators() }}

)

select * from indicators
