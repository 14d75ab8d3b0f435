"""How results look on a terminal, in Chinese or English.

What belongs here: tables and their headings. What does not: the results themselves (editions/,
publishing/).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from orchestration.editions.history import State
from orchestration.forms.headings import headings
from orchestration.ground.text import Language, Text

if TYPE_CHECKING:
    from orchestration.line.outcome import CityStatus, OpenRule, PrintedFigure

Row = Mapping[str, Any]
Rows = Sequence[Row]
_PIPED_WIDTH = 160
_SUBMISSIONS = headings(
    ("city", "accepted", "waiting", "returned", "missing", "must", "explain", "info", "gate")
) | headings(("edition",))
_OPEN = headings(("city", "class", "rule_id", "hits", "one_of_them"))
_CAME_OUT = headings(("city", "claims_came_out", "claims_flagged", "claims_wrong"))
_CLAIMS = headings(
    ("claim_id", "figure", "printed", "computed", "compare", "claim_verdict", "claim_note")
)


def print_json(rows: Iterable[Row]) -> None:
    """Print rows as JSON, one object each."""
    print(json.dumps(list(rows), ensure_ascii=False, indent=1, default=str))


def print_status(
    cities: Sequence[CityStatus], rules: Sequence[OpenRule], unplaced: int, language: Language
) -> None:
    """Print how a year ended: a line a city, open findings by rule, printed figures."""
    chinese = language is Language.zh
    shown = [
        {
            **vars(one),
            "city": _name(one)[language],
            "gate": one.gate.text[language],
            "edition": _edition(one)[language],
        }
        for one in cities
    ]
    title = Text("填报与关卡", "Submissions and gate")
    print_table(title[language], shown, _SUBMISSIONS, chinese)
    for one in cities:
        if one.newer_returned or one.newer_waiting:
            print(_newer(one)[language])
    if rules:
        found = [
            {
                **vars(rule),
                "city": _name(rule)[language],
                "class": rule.rule_class.text[language],
                "one_of_them": Text(rule.sentence_zh, rule.sentence_en)[language],
            }
            for rule in rules
        ]
        print_table(Text("未解决的疑点", "Open findings")[language], found, _OPEN, chinese)
    title = Text("报告数字对照", "Printed figures")
    print_table(title[language], shown, _CAME_OUT, chinese)
    if unplaced:
        print(
            Text(
                f"另有 {unplaced} 个文件无法归属学校，见 gate/findings.parquet。",
                f"{unplaced} more files belong to no known school; see gate/findings.parquet.",
            )[language]
        )
    if any(one.is_synthetic for one in cities):
        print(
            Text(
                "各校数字为合成示例，不是学校实际填报。",
                "The schools' figures are a synthetic sample, not what schools filed.",
            )[language]
        )


def _name(one: CityStatus | OpenRule) -> Text:
    return Text(one.name_zh, one.name_en)


def _edition(one: CityStatus) -> Text:
    """Return the edition that stands; where all are withdrawn, the newest of them as such."""
    if one.withdrawn_edition:
        state = State.withdrawn.text
        return Text(*(f"v{one.withdrawn_edition} {name}" for name in (state.zh, state.en)))
    number = f"v{one.edition}" if one.edition else "—"
    return Text(number, number)


def _newer(one: CityStatus) -> Text:
    """Return how many of a city's accepted schools have a newer file that is not accepted."""
    return Text(
        f"{one.name_zh}已通过的 {one.accepted} 所中，更新的文件被退回的 {one.newer_returned} 所、"
        f"待说明的 {one.newer_waiting} 所，仍按已通过的文件计。",
        f"{one.name_en}: of {one.accepted} accepted, {one.newer_returned} with a newer file "
        f"returned, {one.newer_waiting} with one waiting; the accepted file counts.",
    )


def print_claims(title: str, figures: Iterable[PrintedFigure], language: Language) -> None:
    """Print each printed figure beside the computed one."""
    rows = [
        {
            **vars(one),
            "figure": Text(one.label_zh, one.label_en)[language],
            "claim_verdict": one.verdict,
            "claim_note": one.note,
        }
        for one in figures
    ]
    print_table(title, rows, _CLAIMS, language is Language.zh)


def print_table(
    title: str,
    rows: Rows,
    labels: Mapping[str, Text] | Mapping[str, tuple[str, str]],
    chinese: bool,
) -> None:
    """Draw the named keys of rows; text is shown as it is, never read as markup."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as Shown

    table = Table(title=title)
    for key, label in labels.items():
        zh, en = (label.zh, label.en) if isinstance(label, Text) else label
        is_number = all(isinstance(row.get(key), int | float) for row in rows)
        # Chinese has no spaces to break at: unless it is folded, the end of a long text is cut off.
        table.add_column(
            zh if chinese else en, justify="right" if is_number else "left", overflow="fold"
        )
    for row in rows:
        table.add_row(*(Shown("" if row.get(key) is None else str(row[key])) for key in labels))
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    Console(width=width).print(table)
