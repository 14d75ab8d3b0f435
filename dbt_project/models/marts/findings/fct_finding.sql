with

findings as (

    select * from {{ ref('stg_gate__findings') }}

)

select * from findings
