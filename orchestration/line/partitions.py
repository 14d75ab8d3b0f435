"""The one partition of every asset: the reporting year. A school is a column, not a partition."""

import warnings

from dagster import BackfillPolicy, BetaWarning, TimeWindowPartitionsDefinition

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
    timezone="Asia/Shanghai",
)
