"""The tables that rules look at, read whole from the build warehouse into pandas.

What belongs here: which table a rule's `frame` is. What does not: computing anything; what a rule
compares with is a column of a dbt model.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from orchestration.forms.contract import UnknownFormYear, load_form
from orchestration.ground.frames import records
from orchestration.ground.home import Home
from orchestration.ground.text import Text
from orchestration.intake.layout.labels import names_of, plain_sheet
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.warehouse.dbt import read_table

if TYPE_CHECKING:
    import duckdb

_UNKNOWN = ProblemKind.school_is_unknown
_LOG = logging.getLogger(__name__)
# Codes that were on the roster of the year before: whose name has another code now.
CODES_LEFT = "int_roster_codes_left"
# Frames that are not the staging model of the form table of their name.
TABLES = {
    "coverage": "int_school_coverage",
    "submissions": "int_submissions_compared",
    "timed": "int_submissions_timed",
    "blanks": "int_figure_cells_left_blank",
    "programmes": "int_programmes_compared",
    "near_names": "int_near_names_in_submissions",
    "city_coverage": "city_coverage",
    "metrics": "city_metrics_compared",
    "roster_codes_left": CODES_LEFT,
    "near_names_of_schools": "int_near_names_in_cities",
    "claims": "fct_claim",
    "claim_causes": "city_claims_by_cause",
    "conditions": "fct_condition_check",
}
# Every submission beside every one of the year before, whichever of those stands.
CHANGES = "int_submission_changes_compared"


def read_frame(connection: duckdb.DuckDBPyConnection, home: Home, name: str) -> pd.DataFrame:
    """Return the frame of a name: one row a thing that rules judge, with city and year.

    A column `x` may stand beside `x__typed` (what a clerk typed) and `x__cell` (sheet and cell).
    """
    made = _MADE.get(name)
    if made is not None:
        return made(connection, home)
    return read_table(connection, TABLES.get(name, f"stg_nianbao__{name}"))


def _problems(connection: duckdb.DuckDBPyConnection, home: Home) -> pd.DataFrame:
    """Return what intake could not read: one row a place, with the labels of the column."""
    frame = read_table(connection, "stg_nianbao__problems")
    labels = _labels(home, set(frame["year"]))
    filers = frame["school_code"].isna().map({True: "bureau", False: "school"})
    keys = zip(frame["year"], filers, frame["sheet"], frame["column_id"], strict=True)
    said = [labels.get((y, f, plain_sheet(s or ""), c), Text(c, c)) for y, f, s, c in keys]
    frame["label"], frame["label_en"] = [text.zh for text in said], [text.en for text in said]
    at = frame["sheet"].fillna("") + ("!" + frame["cell"].fillna("")).where(
        frame["cell"].fillna("") != "", ""
    )
    left = _codes_left(read_table(connection, CODES_LEFT))
    said = [
        left.get((year, str(typed).strip()), Text("", "")) if kind == _UNKNOWN else Text("", "")
        for year, typed, kind in frame[["year", "typed", "kind"]].itertuples(index=False)
    ]
    frame["former_zh"], frame["former_en"] = [t.zh for t in said], [t.en for t in said]
    return frame.assign(kind__typed=frame["typed"], kind__cell=at.mask(at == ""))


def _codes_left(frame: pd.DataFrame) -> dict[tuple[int, str], Text]:
    """Return, by year and code, whose a code was that left the roster, and who has the name now."""
    found: dict[tuple[int, str], Text] = {}
    for row in records(frame):
        now = row["school_code"]
        name = row["successor_name"] or row["alike_name"]
        said = Text(
            f"；{row['year'] - 1} 年名册上它是“{row['former_name']}”，本年已不在名册",
            f". On the roster of {row['year'] - 1} it was that of “{row['former_name']}”, and it "
            "has left it",
        )
        if now:
            said = Text(
                f"{said.zh}，现在名册上的是“{name}”，代码 {now}",
                f"{said.en}; “{name}” with the code {now} is on it now",
            )
        found.setdefault((row["year"], row["former_code"]), said)
    return found


def _labels(home: Home, years: set[int]) -> dict[tuple[int, str, str, str], Text]:
    labels: dict[tuple[int, str, str, str], Text] = {}
    for year in years:
        try:
            tables = load_form(int(year), home.forms).tables.values()
        except UnknownFormYear as error:  # the form was taken away after the year was read
            _LOG.warning("findings of %s bear no column names: %s", year, error)
            continue
        for table in tables:
            for name in names_of(table):
                for column in table.columns:
                    said = Text(column.label, column.label_en)
                    labels[year, table.filed_by, name, column.id] = said
    return labels


def _city_figures(connection: duckdb.DuckDBPyConnection, home: Home) -> pd.DataFrame:
    """Return one row a city and year with a column an indicator; absent where nobody filed it.

    Beside it `…__schools`, how many schools stand behind it.
    """
    metrics = read_table(connection, "city_yearly_metrics")
    place = {"index": ["city", "year"], "columns": "indicator_id"}
    every = [
        name for (name,) in connection.sql("select indicator_id from dim_indicator").fetchall()
    ]
    figures = metrics.pivot(**place, values="value").reindex(columns=every)
    behind = metrics.pivot(**place, values="schools_counted").reindex(columns=every)
    return figures.join(behind.add_suffix("__schools")).reset_index()


def _city_coverage(connection: duckdb.DuckDBPyConnection, home: Home) -> pd.DataFrame:
    """Return what each city's year has of what it should have, but where it has no school."""
    every = read_table(connection, TABLES["city_coverage"])
    return every[~every["is_without_schools"].astype(bool)].reset_index(drop=True)


def _changes(connection: duckdb.DuckDBPyConnection, home: Home) -> pd.DataFrame:
    """Return each submission beside the one that stands for its school's year before."""
    standing = read_table(connection, "int_submissions_standing")
    return beside_standing(read_table(connection, CHANGES), standing)


def beside_standing(changes: pd.DataFrame, submissions: pd.DataFrame) -> pd.DataFrame:
    """Return, of the rows of `CHANGES`, those against a submission that stands."""
    standing = submissions.loc[submissions["is_standing"], "submission_id"]
    return changes[changes["previous__submission_id"].isin(standing)].reset_index(drop=True)


_MADE: dict[str, Callable[..., pd.DataFrame]] = {
    "problems": _problems,
    "city_coverage": _city_coverage,
    "city_figures": _city_figures,
    "changes": _changes,
}
