"""Excluding a school by name: refused where the school's own file counts.

What belongs here: that check. What does not: exclusions as events of the ledger
(intake/declared/exclusions.py), and which file counts (dbt_project/, int_submissions_standing).
"""

from __future__ import annotations

from orchestration.gate.current import current_state
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger
from orchestration.intake.declared.exclusions import BadExclusion, Key, exclude
from orchestration.warehouse.standing import standing_submissions


def exclude_school(
    ledger: Ledger, home: Home, key: Key, reason: str, public_note: str, actor: str
) -> None:
    """Register that a city's year may be published without a school; counts from the next run on.

    What a school lawfully filed is not left out by the bureau. Raises `BadExclusion` where a file
    of the school counts, as the latest run and the decisions since have it, and where the
    exclusion is not whole.
    """
    exclude(ledger, home, key, reason, public_note, actor, lambda: _require_no_file(home, key))


def _require_no_file(home: Home, key: Key) -> None:
    files = current_state(home).submissions
    verdicts = files[["submission_id", "next_verdict"]].dropna()
    standing = standing_submissions(files, verdicts.set_axis(["submission_id", "verdict"], axis=1))
    counted = standing[standing["is_standing"].astype(bool)]
    city, year, code = key
    own = files["city"].eq(city) & files["year"].eq(year) & files["school_code"].eq(code)
    names = files.loc[own & files["submission_id"].isin(counted["submission_id"]), "file_name"]
    if not names.empty:
        raise BadExclusion(
            f"学校 {code} 的填报“{names.iloc[0]}”已通过并计入，不能排除。确有问题的，"
            "先退回该填报的疑点或撤回“说明通过”，使其不再计入。",
            f"School {code} cannot be excluded: its file '{names.iloc[0]}' is accepted and counts. "
            "If something is wrong in it, first return its findings or withdraw what was accepted, "
            "so that it counts no longer.",
        )
