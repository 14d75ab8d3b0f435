with

programmes as (

    select * from {{ ref('stg_nianbao__programmes') }}

),

majors as (

    select * from {{ ref('majors') }}

),

classes as (

    select * from {{ ref('major_classes') }}

)

select
    programmes.*,
    majors.name as catalogue__name,
    classes.class_name as catalogue__class_name,
    majors.code is not null as catalogue__is_listed
from programmes
left join majors on programmes.major_code = majors.code
left join classes on substr(programmes.major_code, 1, 4) = classes.class_code
