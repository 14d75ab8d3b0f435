"""Cases: findings of one submission that have one cause, so that a person looks once.

What belongs here: which findings go together. What does not: what a finding says (findings.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import pandas as pd

_RANGE = re.compile(r"(.*)!([A-Z]{1,3})([0-9]+):([A-Z]{1,3})([0-9]+)")


def cases_of(findings: pd.DataFrame) -> pd.DataFrame:
    """Return case_id and cause, a row a finding, with the index of `findings`.

    The cause of a case is the cell that most of its findings share: a total that is wrong breaks
    every rule that reads it. What shares no cell goes together by its rule. A case bears the
    smallest id of its findings; its cause is null where no cell is shared.
    """
    result = pd.DataFrame(index=findings.index, columns=["case_id", "cause"], dtype="string")
    rows = findings[["submission_id", "city", "year", "school_code"]].astype("string").fillna("")
    groups: dict[tuple, list] = {}
    for index, key in zip(findings.index, rows.itertuples(index=False, name=None), strict=True):
        groups.setdefault(key, []).append(index)
    ids, rules, cells = findings["finding_id"], findings["rule_id"], findings["cell"]
    for members in groups.values():
        places = {i: cells_named(cells[i]) for i in members}
        for cause, case in _grouped(members, places, {i: rules[i] for i in members}):
            result.loc[case, "case_id"] = min(ids[i] for i in case)
            result.loc[case, "cause"] = cause
    return result


def cells_named(cell: str | None) -> list[str]:
    """Return every single cell that a finding names, a range of one column written out."""
    if not isinstance(cell, str):
        return []
    return [one for part in cell.split("、") for one in _written_out(part)]


def _written_out(part: str) -> Iterable[str]:
    match = _RANGE.fullmatch(part)
    if match is None or match[2] != match[4]:
        return [part]
    return [f"{match[1]}!{match[2]}{n}" for n in range(int(match[3]), int(match[5]) + 1)]


def _grouped(members: list, places: dict, rules: dict) -> Iterable[tuple[str | None, list]]:
    """Yield cause and members of each case: the most shared cell first, then what is left."""
    left = dict.fromkeys(members)
    while left:
        shared = Counter(cell for i in left for cell in dict.fromkeys(places[i]))
        most = max(shared.values(), default=0)
        if most < 2:
            break
        # Of cells that are shared alike, the one that a finding names alone is the likelier cause.
        alone = {places[i][0] for i in left if len(places[i]) == 1}
        cause = next(
            (cell for cell, n in shared.items() if n == most and cell in alone),
            next(cell for cell, n in shared.items() if n == most),
        )
        case = [i for i in left if cause in places[i]]
        yield cause, case
        for i in case:
            del left[i]
    by_rule: dict[str, list] = {}
    for i in left:
        by_rule.setdefault(rules[i], []).append(i)
    for case in by_rule.values():
        only = places[case[0]] if len(case) == 1 else []
        yield (only[0] if len(only) == 1 else None), case
