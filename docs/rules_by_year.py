"""Lists the rules that each form year brought, changed and retired; `python docs/rules_by_year.py`.

Read from expectations/: `since`, `changed` and `until` of each rule. A test says when it is old.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from orchestration.gate.rules import Rule, load_rules

REPOSITORY = Path(__file__).resolve().parents[1]
LIST = REPOSITORY / "docs" / "rules_by_year.md"
_HEAD = """# 各年度的校验规则 Rules by form year

每个填报年度新增、改动、停用的规则，由 `python docs/rules_by_year.py` 从 `expectations/` 生成。
规则只检查 `since` 至 `until` 年度的填报。
What each form year brought, changed and retired, made from `expectations/`. A rule judges what is
filed for the years from `since` to `until`.
"""


def text(rules: Iterable[Rule]) -> str:
    """Return the list, the newest year first."""
    every = sorted(rules, key=lambda rule: (rule.stage.value, rule.id))
    ends = {rule.until + 1 for rule in every if rule.until is not None}
    years = {rule.since for rule in every} | {year for r in every for year in r.changed} | ends
    return "\n".join([_HEAD, *(_of_year(every, year) for year in sorted(years, reverse=True))])


def _of_year(rules: list[Rule], year: int) -> str:
    lines = [f"## {year}"]
    parts = {
        "新增 New": [(r, "") for r in rules if r.since == year],
        "改动 Changed": [
            (r, f"：{r.changed[year].zh} {r.changed[year].en}") for r in rules if year in r.changed
        ],
        "停用 Retired": [(r, "") for r in rules if r.until == year - 1],
    }
    for name, found in parts.items():
        if found:
            lines += ["", f"**{name}** ({len(found)})", ""]
            lines += [f"- `{r.id}` {r.rule_class.zh} {r.rule_class}{more}" for r, more in found]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    LIST.write_text(text(load_rules([REPOSITORY / "expectations"])), encoding="utf-8")
