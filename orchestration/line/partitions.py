"""The reporting year: the partition of what is done for one year alone.

What belongs here: which years there are. What does not: whatever holds every year at once, which
has no partition: the warehouse, both gates, the analysts' database. A school is a column.
"""

import warnings

from dagster import BackfillPolicy, BetaWarning, TimeWindowPartitionsDefinition

from orchestration.ground.clock import CHINA

FIRST_YEAR = 2023

# Many years asked for at once are so many runs. Dagster says of the policy, once an asset, that it
# may change; the version is pinned.
warnings.filterwarnings("ignore", "Parameter `backfill_policy`", category=BetaWarning)
ONE_YEAR = BackfillPolicy.multi_run(1)

reporting_years = TimeWindowPartitionsDefinition(
    start=str(FIRST_YEAR),
    fmt="%Y",
    cron_schedule="0 0 1 1 *",
    # The year that is still running is reported in its own December.
    end_offset=1,
    # A key is a year and no moment. In whatever zone a home is, its people's new year begins some
    # hours from here, months before anything is filed for it; what is due when goes by their zone.
    timezone=CHINA.key,
)
