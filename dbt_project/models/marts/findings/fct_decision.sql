with

decisions as (

    select * from {{ ref('stg_gate__decisions') }}

)

select * from decisions
