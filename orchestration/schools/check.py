"""One file held against the rules before it is handed in: the run's own parts, in a passing home.

What belongs here: making a home that knows only the file's filer, and asking the gate. What does
not: the rules (expectations/) and how results look (cli/commands/check.py). Nothing is left behind.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from orchestration.forms.contract import COVERS, form_years, load_form
from orchestration.gate.run import judge_all_submissions
from orchestration.ground.frames import records
from orchestration.ground.home import REPOSITORY, Home
from orchestration.ground.ledger import Ledger
from orchestration.ground.terms import FindingState, RuleClass
from orchestration.ground.text import NianbaoError
from orchestration.intake.batch import take_in
from orchestration.intake.raw import read_receipts, read_submissions
from orchestration.intake.reading.filer import Context
from orchestration.intake.reading.submission import Submission, read_submission
from orchestration.intake.receipt import SheetReceipt
from orchestration.intake.workbook.limits import MAX_BYTES
from orchestration.schools.excerpts import seen_at
from orchestration.schools.returned import write_marked
from orchestration.warehouse import dbt as warehouse

_CITY = "check"
# A city has to have these; no rule on a submission reads them.
_UNKNOWN = dict.fromkeys(("name_en", "province_code", "province_name_zh", "province_name_en"), "-")
_SHOWN = (
    *("finding_id", "class", "rule_id", "sheet", "cell", "sentence_zh", "sentence_en"),
    *("why_zh", "why_en", "fix_zh", "fix_en", "state", "explanation"),
)


class NotTaken(NianbaoError):
    """A file that the inbox passes over."""


@dataclass(frozen=True)
class Checked:
    """What the gate says of one file: a row a finding, with the texts of its rule, and its receipt.

    A finding has what is stored in its cells as `typed` and what they show as `shown`, several with
    、 between; one without cells has what its rule names as `typed`.
    """

    year: int
    findings: list[dict[str, Any]]
    receipts: list[SheetReceipt]

    def count(self, rule_class: RuleClass) -> int:
        """Return how many findings of a class want something of the school."""
        return sum(
            f["class"] == rule_class and f["state"] == FindingState.open for f in self.findings
        )


def check_file(
    path: Path, year: int | None = None, own: Home | None = None, output: Path | None = None
) -> Checked:
    """Judge one workbook by the rules of the submission gate, as if it were handed in.

    The year is the one its cover says, if it has a form; else the newest form's. `own` adds the
    forms, rules and thresholds of a home. `output` is where the marked workbook is written, if
    there is anything to mark. What needs other files stays unsaid: the roster's name of the school,
    and the year before. Raises `UnknownFormYear` and `NotTaken`.
    """
    with tempfile.TemporaryDirectory(prefix="nianbao-check-") as folder:
        home = Home(Path(folder))
        home.create()
        if own is not None:
            _take_over(home, own)
        filed = _as_its_cover_says(path, home, year)
        _write_city(home, filed)
        inbox = home.inbox_year(filed.year)
        inbox.mkdir()
        shutil.copyfile(path, inbox / path.name)
        os.utime(inbox / path.name, (0, 0))  # nobody is still writing it
        # Not `open_ledger`: the environment may name the bureau's own database.
        with Ledger(f"sqlite:///{home.ledger}") as ledger:
            if not take_in(home, [filed.year], ledger).parsed:
                raise NotTaken(
                    "收件箱不读取这样命名的文件（锁定文件、隐藏文件或未传完的文件）。",
                    "The inbox passes over a file of this name.",
                    path.name,
                )
            warehouse.require_success(warehouse.build(home, warehouse.BEFORE_GATE))
            findings, verdicts = judge_all_submissions(home, ledger)
        (submission_id,) = verdicts["submission_id"]
        (file_hash,) = read_submissions(home, filed.year)["file_hash"]
        if output is not None:
            write_marked(home, submission_id, output)
        rules = pd.read_parquet(home.gate / "rules.parquet").drop(columns=["class"])
        found = findings[findings["submission_id"] == submission_id]
        rows = records(found.merge(rules, on="rule_id")[[*_SHOWN, "values_typed"]])
        receipts = read_receipts(home, filed.year, [submission_id])
        for row in rows:
            typed = json.loads(row.pop("values_typed")).values()
            seen = seen_at(home, file_hash, row["cell"], typed)
            row["typed"] = "、".join(seen.typed or filter(None, typed))
            row["shown"] = "、".join(seen.shown)
    return Checked(filed.year, rows, receipts.get(submission_id, []))


def _take_over(home: Home, own: Home) -> None:
    """Copy the forms, rules, thresholds and settings that a home has of its own."""
    for folder in (*own.forms[1:], *own.expectations[1:]):
        shutil.copytree(folder, home.root / folder.name)
    for file in (own.standards, own.settings):
        if file.exists():
            shutil.copyfile(file, home.root / file.name)


def _as_its_cover_says(path: Path, home: Home, year: int | None) -> Submission:
    """Return the file as the form of its own year reads it, or the newest form if none does."""
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    read = []
    for each in [year] if year is not None else form_years(home.forms):
        form = load_form(each, home.forms)
        context = Context(form, {}, {})
        read.append(read_submission(path, data, "", context))
        if _cover(read[-1]).get("year") == str(each):
            return read[-1]
    return read[0]


def _cover(filed: Submission) -> dict[str, str | None]:
    """Return what the cover says, by column."""
    rows = filed.rows.get(COVERS[filed.filed_by], [])
    return {name: cell.read for row in rows[:1] for name, cell in row.record.items()}


def _city_names() -> dict[str, str]:
    """Return the cities' names by code, of those that the seeds know."""
    path = REPOSITORY / "dbt_project" / "seeds" / "divisions.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["city_code"]: row["city_name"] for row in csv.DictReader(file)}


def _write_city(home: Home, filed: Submission) -> None:
    """Make a city with the filer alone: the school that the cover names, or the bureau's city."""
    cover = _cover(filed)
    facts = {"city": _CITY, **_UNKNOWN, "is_synthetic": False}
    code, said = cover.get("city_code") or "-", cover.get("city_name") or "-"
    facts |= {"city_code": code, "name_zh": _city_names().get(code, said)}
    folder = home.cities / _CITY
    folder.mkdir()
    (folder / "city.yml").write_text(yaml.safe_dump(facts, allow_unicode=True), encoding="utf-8")
    roster = [("year", "school_code", "school_name", "county_code", "is_monitored")]
    if cover.get("school_code"):
        name = cover.get("school_name") or "-"
        roster.append((str(filed.year), str(cover["school_code"]), name, "-", "true"))
    with (folder / "schools.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(roster)
