"""The reading receipt in words: what became of a sheet's cells, for a clerk to look over.

What belongs here: the words of a receipt's counts and entries, and its form as data. What does not:
the account itself (intake/receipt.py), and where it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from orchestration.ground.text import Text
from orchestration.intake.normalise import Normalisation
from orchestration.intake.reading.receipt_sheet import Line
from orchestration.intake.receipt import Entry, Outcome, SheetReceipt
from orchestration.intake.workbook.problems import ProblemKind

TITLE = Text("读取回执", "Reading receipt")
# What is told of a sheet; labels are the form's own and nobody's question.
TOLD = (Outcome.read, Outcome.converted, Outcome.passed_over, Outcome.not_read)
_KINDS = {kind.value: kind.text for kind in Normalisation}
_PROBLEMS = {kind.value: kind.text for kind in ProblemKind}
_HEADINGS = (
    *("工作表 Sheet", "单元格 Cells", "结果 Outcome", "原内容 What stands there"),
    *("读作 Read as", "说明 How or why"),
)
_LONGEST = 80
_MOST_LISTED = 1000  # places of a sheet


def counted(receipt: SheetReceipt) -> Text:
    """Return how many cells of a sheet had which outcome."""
    counts = [(outcome.text, receipt.counts[outcome]) for outcome in TOLD]
    zh = "，".join(f"{name.zh} {number}" for name, number in counts)
    return Text(zh, ", ".join(f"{name.en} {number}" for name, number in counts))


def why(kind: str) -> Text:
    """Return how a cell was converted or why it was passed over; of a rule, that it was found."""
    if kind in _KINDS:
        return _KINDS[kind]
    found = _PROBLEMS.get(kind, Text(kind, kind))
    return Text(f"{found.zh}，见疑点", f"{found.en}, see the findings")


def told(entry: Entry) -> Text:
    """Return an entry as one line: where it is, what stands there, what became of it."""
    typed = " ".join(entry.typed.split())
    if len(typed) > _LONGEST:
        typed = f"{typed[:_LONGEST]}…"
    said = typed if entry.read is None else f"{typed} → {entry.read}"
    place, reason = f"{entry.sheet}!{entry.range}", why(entry.kind)
    return Text(
        f"{place} {entry.outcome.zh}（{reason.zh}）：{said}",
        f"{place} {entry.outcome.en} ({reason.en}): {said}",
    )


def as_lines(receipts: Sequence[SheetReceipt], notes: Iterable[str] = ()) -> Iterator[Line]:
    """Yield a receipt as the rows of a sheet: notes, the counts, and what is listed."""
    yield from (Line([note]) for note in notes)
    yield Line()
    outcomes = [*TOLD, Outcome.label]
    yield Line(["工作表 Sheet", *(_both(outcome.text) for outcome in outcomes)], is_head=True)
    for receipt in receipts:
        yield Line([receipt.sheet, *(receipt.counts[outcome] for outcome in outcomes)])
    yield Line()
    yield Line(_HEADINGS, is_head=True)
    for receipt in receipts:
        for entry in receipt.entries[:_MOST_LISTED]:
            texts = (entry.sheet, entry.range, _both(entry.outcome.text), entry.typed)
            place = (entry.sheet, entry.range)
            yield Line([*texts, entry.read or "", _both(why(entry.kind))], place=place)
        left = len(receipt.entries) - _MOST_LISTED
        if left > 0:
            yield Line([receipt.sheet, f"另有 {left} 处 {left} more"])


def _both(text: Text) -> str:
    return f"{text.zh} {text.en}"


def as_data(receipts: Iterable[SheetReceipt]) -> list[dict[str, Any]]:
    """Return receipts as JSON has them: sheet, counts by outcome, entries."""
    return [
        {
            "sheet": receipt.sheet,
            "counts": {outcome.value: receipt.counts[outcome] for outcome in Outcome},
            "entries": [_entry_as_data(entry) for entry in receipt.entries],
        }
        for receipt in receipts
    ]


def _entry_as_data(entry: Entry) -> dict[str, Any]:
    reason = why(entry.kind)
    return {**entry._asdict(), "kind_zh": reason.zh, "kind_en": reason.en}
