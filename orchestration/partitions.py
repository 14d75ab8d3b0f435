"""The one partition of every asset: the reporting year. A school is a column, not a partition."""

from dagster import TimeWindowPartitionsDefinition

FIRST_YEAR = 2023

reporting_years = TimeWindowPartitionsDefinition(
    start=str(FIRST_YEAR),
    fmt="%Y",
    cron_schedule="0 0 1 1 *",
    # The year that is still running is reported in its own December.
    end_offset=1,
    timezone="Asia/Shanghai",
)
