with

rules as (

    select * from {{ ref('stg_gate__rules') }}

)

select * from rules
