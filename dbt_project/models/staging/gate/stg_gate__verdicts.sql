select
    submission_id,
    verdict,
    cast(must_open as bigint) as must_open,
    cast(explain_open as bigint) as explain_open,
    cast(explained as bigint) as explained
from {{ source('gate', 'verdicts') }}
