"""One home, one run: the kinds of mess over which the gate was once green, all together.

The city whose files can be read as they are meant is published with the figures of the untouched
samples; in the other each school is asked, and nothing is published.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from grids import Book, Cell, Grid, book_of
from writers import xlsx

READ_AS_MEANT, ASKED = "baoji", "qingyang"


# -- what is read as it is meant -------------------------------------------------------------------


def in_thousands(book: Book) -> None:
    """The finance sheet is in 千元, and says so beside each value."""
    for row in book["经费"].rows[2:]:
        row[1:3] = [row[1] and round(row[1] * 10, 6), "千元"]


def training_in_yuan(book: Book) -> None:
    """The column of funds is in 元, and says so in its header."""
    grid = book["培训服务"]
    column = grid.rows[1].index("项目资金（万元）")
    grid.set(1, column, "项目资金（元）")
    for row in range(2, len(grid.rows)):
        value = grid.rows[row][column]
        grid.set(row, column, value and round(value * 10_000, 4))


def total_row(book: Book) -> None:
    grid = book["培训服务"]
    records = grid.rows[2:]
    sums = [sum(row[at] or 0 for row in records) for at in range(2, 6)]
    grid.append("全年合计", None, *sums)


def other_spellings(book: Book) -> None:
    """Every enterprise, college and event is the one that other schools name, spelt otherwise."""
    for sheet, label in (("校企合作", "企业名称"), ("贯通培养", "合作院校"), ("技能大赛", "赛项")):
        grid = book[sheet]
        at = next(n for n, text in enumerate(grid.rows[1]) if str(text).startswith(label))
        for number, row in enumerate(grid.rows[2:]):
            if name := row[at]:
                half = len(name) // 2
                spelt = (f"{name[:half]} {name[half:]}", f"{name[:half]}\u200b（{name[half:]}）")
                grid.set(number + 2, at, spelt[number % 2])


# -- what nobody can tell --------------------------------------------------------------------------


def year_before_first(book: Book) -> None:
    grid = book["教职工"]
    before = {row: grid.rows[row][1] + 31 for row in range(2, len(grid.rows))}
    grid.insert_column(1, {1: "上年数"} | before)
    grid.set(1, 2, "本年数")


def qualified(book: Book) -> None:
    row = row_of(book["教职工"], "校外兼职教师数")
    book["教职工"].set(row, 0, "校外兼职教师数（上年）")


def without_head_and_value(book: Book) -> None:
    grid = book["教职工"]
    grid.rows[1] = []
    row = row_of(grid, "校外兼职教师数")
    grid.set(row, 1, None)
    grid.set(row, 2, None)
    grid.set(row, 3, 68)


def computed_by_hand(book: Book) -> None:
    """What the formula says now is not what it said when it was computed."""
    book.calculation = "manual"
    row = row_of(book["教职工"], "校外兼职教师数")
    book["教职工"].set(row, 1, Cell(36, formula="10+2"))


def hidden_rows(book: Book) -> None:
    grid = book["培训服务"]
    for number in (4, 5):
        row = grid.append(f"旧项目{number}", "企业委托", 5, 400, 40, 9)
        grid.hidden_rows.add(row)


def example_row(book: Book) -> None:
    book["培训服务"].insert_row(2, "（示例）电工培训", "企业委托", 10, 500, 100, 10)


def newer_sheet(book: Book) -> None:
    newer = book.copy_of("教职工", "教职工修改版")
    newer.set(2, 1, newer.rows[2][1] + 5)


def row_of(grid: Grid, label: str) -> int:
    return next(at for at, row in enumerate(grid.rows) if row and row[0] == label)


MESSES: dict[str, dict[str, Callable[[Book], None]]] = {
    READ_AS_MEANT: {
        "9961030201": in_thousands,
        "9961030302": training_in_yuan,
        "9961030403": total_row,
        "9961032305": other_spellings,
    },
    ASKED: {
        "9962100201": year_before_first,
        "9962102102": qualified,
        "9962102203": hidden_rows,
        "9962102405": example_row,
        "9962102506": without_head_and_value,
        "9962100209": computed_by_hand,
        "9962102607": newer_sheet,
    },
}


@pytest.fixture(scope="module")
def ran(deployment):
    """A home whose figures nobody has printed yet, after its first run."""
    deployment.nianbao("init")
    deployment.nianbao("sample")
    for path in (deployment.root / "cities").glob("*/claims_*.csv"):
        path.unlink()
    for messes in MESSES.values():
        for code, mess in messes.items():
            path = next((deployment.root / "inbox" / "2024").glob(f"{code}_*.xlsx"))
            book = book_of(path)
            mess(book)
            path.write_bytes(xlsx(book))
    deployment.run(expect=1)
    return deployment


def test_no_school_is_accepted_whose_file_nobody_can_read_for_certain(ran):
    parts = (ran.root / "raw" / "submissions").glob("*/*.parquet")
    files = pd.concat(map(pd.read_parquet, parts))
    verdicts = pd.read_parquet(ran.root / "gate" / "verdicts.parquet")
    verdicts = verdicts.merge(files[files["year"] == 2024], on="submission_id")
    verdicts = verdicts.set_index("school_code")["verdict"]
    accepted = {code for code in MESSES[ASKED] if verdicts[code] == "accepted"}
    assert not accepted


def test_each_school_is_told_which_sheet_it_is_about(ran):
    findings = pd.read_parquet(ran.root / "gate" / "findings.parquet")
    findings = findings[(findings["year"] == 2024) & findings["class"].isin(["must", "explain"])]
    about = {code: set(own["sheet"].dropna()) for code, own in findings.groupby("school_code")}
    on_training = {"9962102203", "9962102405"}
    for code in MESSES[ASKED]:
        wanted = {"培训服务"} if code in on_training else {"教职工", "教职工修改版"}
        assert about.get(code, set()) & wanted, code


def test_the_city_whose_files_can_be_read_is_published_with_the_right_figures(ran, healthy):
    assert figures(ran.root, READ_AS_MEANT) == figures(healthy.root, READ_AS_MEANT)


def test_the_other_city_is_not_published(ran):
    text = ran.nianbao("status", "--year", "2024", "--format", "json")
    gates = {row["city"]: row["gate"] for row in json.loads(text)}
    assert gates == {READ_AS_MEANT: "passed", ASKED: "blocked"}
    assert not (ran.root / "published" / ASKED).exists()


def figures(home: Path, city: str) -> list[dict[str, Any]]:
    """Return the figures that a city's edition prints."""
    path = home / "published" / city / "2024" / "v1" / "metrics.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        read = [*csv.DictReader(file)]
    assert len(read) > 100
    return read
