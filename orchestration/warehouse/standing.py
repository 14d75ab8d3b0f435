"""Which submission stands, asked outside a build: the model's own SQL over frames.

What belongs here: running dbt's models of what stands over verdicts that the gate is just making,
that somebody supposes, or that lie in a home while a run writes its warehouse. What does not: what
standing means, which dbt_project/ alone says (int_submissions_standing).
"""

from __future__ import annotations

import contextlib

import pandas as pd
import pyarrow as pa

from orchestration.ground.home import Home
from orchestration.intake.raw import SUBMISSIONS, read_submissions
from orchestration.warehouse.models import make_views

_FILED = ("submission_id", "city", "year", "filed_by", "school_code", "received_seq", "is_read")
_SOURCES = {
    "stg_nianbao__submissions": pa.schema([SUBMISSIONS.field(name) for name in _FILED]),
    "stg_nianbao__rosters": pa.schema(
        [SUBMISSIONS.field(name) for name in ("city", "year", "school_code")]
    ),
    "stg_nianbao__exclusions": pa.schema(
        [SUBMISSIONS.field(name) for name in ("city", "year", "school_code")]
    ),
    "stg_gate__verdicts": pa.schema([("submission_id", pa.string()), ("verdict", pa.string())]),
}


def standing_submissions(submissions: pd.DataFrame, verdicts: pd.DataFrame) -> pd.DataFrame:
    """Return `int_submissions_standing` over these verdicts: one row a submission.

    `submissions` has the columns of the raw zone's, `verdicts` submission_id and verdict; a
    submission may be without one.
    """
    return _rows(
        "int_submissions_standing",
        {"stg_nianbao__submissions": submissions, "stg_gate__verdicts": verdicts},
    )


def schools_standing(
    rosters: pd.DataFrame,
    submissions: pd.DataFrame,
    verdicts: pd.DataFrame,
    exclusions: pd.DataFrame,
) -> pd.DataFrame:
    """Return `int_schools_standing` over these verdicts: one row a rostered school and year.

    `exclusions` has city, year and school_code of those that a city is published without.
    """
    return _rows(
        "int_schools_standing",
        {
            "stg_nianbao__rosters": rosters,
            "stg_nianbao__submissions": submissions,
            "stg_nianbao__exclusions": exclusions,
            "stg_gate__verdicts": verdicts,
        },
    )


def submissions_of(home: Home) -> pd.DataFrame:
    """Return `int_submissions_standing` over a home's files as they are, in a run or between two.

    What no run has judged yet has no verdict.
    """
    return standing_submissions(read_submissions(home), verdicts_of(home))


def verdicts_of(home: Home) -> pd.DataFrame:
    """Return what the latest run said of each submission; no row before the first one."""
    path = home.gate / "verdicts.parquet"
    if path.exists():
        return pd.read_parquet(path)
    return pd.DataFrame(columns=["submission_id", "verdict"])


def _rows(model: str, sources: dict[str, pd.DataFrame]) -> pd.DataFrame:
    import duckdb

    with contextlib.closing(duckdb.connect()) as connection:
        for name, frame in sources.items():
            schema = _SOURCES[name]
            columns = frame[schema.names]
            given = pa.Table.from_pandas(columns, schema=schema, preserve_index=False)
            connection.register(name, given)
        make_views(connection, model)
        return connection.sql(f'select * from "{model}"').df()
