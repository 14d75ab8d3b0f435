"""The formulas of an OpenDocument spreadsheet, spelt as Excel spells them.

What belongs here: references and what parts arguments. What does not: what formulas give
(intake/workbook/computed.py).
"""

from __future__ import annotations

import re

_PIECE = re.compile(
    r"\"[^\"]*\"|\[(?P<file>'[^']*'#)?(?:\$?(?P<sheet>'(?:[^']|'')+'|[^.'\]]+))?\.(?P<first>[^:\]]+)"
    r"(?::(?:[^.\]]*)\.(?P<last>[^\]]+))?\]|;"
)


def as_excel(formula: str) -> str:
    """Return a formula of OpenFormula, `of:=SUM([.B3:.B5];1)`, as `SUM(B3:B5,1)`."""
    prefix, _, text = formula.partition("=")
    return _PIECE.sub(_piece, text) if prefix != "msoxl:" else text


def _piece(found: re.Match[str]) -> str:
    if found["first"] is None:
        return "," if found[0] == ";" else found[0]
    sheet = f"{found['sheet']}!" if found["sheet"] else ""
    last = f":{found['last']}" if found["last"] else ""
    return f"{found['file'] or ''}{sheet}{found['first']}{last}"
