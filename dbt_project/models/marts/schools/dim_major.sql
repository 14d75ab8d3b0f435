select
    code as major_code,
    name as major_name,
    class_code,
    class_name,
    category_code,
    category_name,
    status
from {{ ref('majors') }}
