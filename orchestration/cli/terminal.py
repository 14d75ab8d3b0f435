"""How results look on a terminal, in Chinese or English.

What belongs here: tables and their headings. What does not: the results themselves (editions/,
publishing/).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.editions.history import State
from orchestration.ground.text import Text

Rows = Sequence[dict[str, Any]]
_PIPED_WIDTH = 160
_GATES = {"passed": "通过", "blocked": "未通过"}
_CLASSES = {"must": "逻辑校验", "explain": "经验校验"}


def print_json(rows: Rows) -> None:
    """Print rows as JSON, one object each."""
    print(json.dumps(list(rows), ensure_ascii=False, indent=1, default=str))


def print_status(rows: Rows, findings: Rows, unplaced: int, chinese: bool) -> None:
    """Print how a year ended: a line a city, open findings by rule, printed figures."""
    city = {"name_zh" if chinese else "name_en": ("城市", "city")}
    submissions = {
        "accepted": ("已通过", "accepted"),
        "waiting": ("待说明", "waiting"),
        "returned": ("已退回", "returned"),
        "missing": ("未报", "missing"),
        "must": ("逻辑疑点", "must"),
        "explain": ("经验疑点", "explain"),
        "info": ("提示", "info"),
        "gate": ("关卡", "gate"),
        "edition": ("版次", "edition"),
    }
    shown = [
        {
            **row,
            "gate": _GATES.get(row["gate"], "未判定") if chinese else row["gate"],
            "edition": _edition(row, chinese),
        }
        for row in rows
    ]
    title = "填报与关卡" if chinese else "Submissions and gate"
    print_table(title, shown, city | submissions, chinese)
    for row in rows:
        if row["newer_returned"] or row["newer_waiting"]:
            print(_newer(row, chinese))
    if findings:
        shown = [
            {**row, "class": _CLASSES[row["class"]] if chinese else row["class"]}
            for row in findings
        ]
        labels = {
            "class": ("类别", "class"),
            "rule_id": ("规则", "rule"),
            "hits": ("处数", "hits"),
            "sentence_zh" if chinese else "sentence_en": ("其中一处", "one of them"),
        }
        print_table("未解决的疑点" if chinese else "Open findings", shown, city | labels, chinese)
    labels = {
        "claims_came_out": ("与印刷一致", "came out"),
        "claims_flagged": ("其中有标注", "of which flagged"),
        "claims_wrong": ("不一致", "wrong"),
    }
    print_table("报告数字对照" if chinese else "Printed figures", rows, city | labels, chinese)
    if unplaced:
        print(
            f"另有 {unplaced} 个文件无法归属学校，见 gate/findings.parquet。"
            if chinese
            else f"{unplaced} more files belong to no known school; see gate/findings.parquet."
        )
    if any(row["is_synthetic"] for row in rows):
        print(
            "各校数字为合成示例，不是学校实际填报。"
            if chinese
            else "The schools' figures are a synthetic sample, not what schools filed."
        )


def _edition(row: Mapping[str, Any], chinese: bool) -> str:
    """Return the edition that stands; where all are withdrawn, the newest of them as such."""
    if row["edition"]:
        return f"v{row['edition']}"
    if row["withdrawn_edition"]:
        state = State.withdrawn.zh if chinese else State.withdrawn.en
        return f"v{row['withdrawn_edition']} {state}"
    return "—"


def _newer(row: Mapping[str, Any], chinese: bool) -> str:
    """Return how many of a city's accepted schools have a newer file that is not accepted."""
    accepted, returned, waiting = (row[n] for n in ("accepted", "newer_returned", "newer_waiting"))
    if chinese:
        return (
            f"{row['name_zh']}已通过的 {accepted} 所中，更新的文件被退回的 {returned} 所、"
            f"待说明的 {waiting} 所，仍按已通过的文件计。"
        )
    return (
        f"{row['name_en']}: of {accepted} accepted, {returned} with a newer file returned, "
        f"{waiting} with one waiting; the accepted file counts."
    )


def print_claims(title: str, rows: Rows, chinese: bool) -> None:
    """Print each printed figure beside the computed one."""
    labels = {
        "claim_id": ("编号", "claim"),
        "label_zh" if chinese else "label_en": ("指标", "figure"),
        "printed": ("印刷", "printed"),
        "computed": ("计算", "computed"),
        "compare": ("比较", "compare"),
        "verdict": ("结论", "verdict"),
        "note": ("说明", "note"),
    }
    print_table(title, rows, labels, chinese)


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
