select
    rule_id,
    class,
    stage,
    frame,
    family,
    zh,
    en,
    why_zh,
    why_en,
    fix_zh,
    fix_en,
    since,
    until,
    cast(version as integer) as version,
    whole,
    add_up
from {{ source('gate', 'rules') }}
