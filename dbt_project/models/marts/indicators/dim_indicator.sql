with

indicators as (

    select * from {{ ref('int_indicators_declared') }}

)

select * from indicators
