"""The rules as stewards write them: expectations/<stage>/*.yml, read and validated.

What belongs here: the shape of a rule and where rules come from. What does not: running them
(suites.py) and what a failure says (findings.py). great_expectations is not needed for this.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from yaml import YAMLError

from orchestration.forms.contract import read_yaml
from orchestration.ground.terms import RuleClass

CONDITION = "expect_rows_to_satisfy"
_CLASSES = {"critical": RuleClass.must, "warning": RuleClass.explain, "info": RuleClass.info}
STAGES = ("submission", "city")


class BadRule(Exception):
    """A rule file that cannot be used; the message names the file and the rule."""


class Text(BaseModel):
    """One text in both languages."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    zh: str
    en: str


class Bound(BaseModel):
    """How many findings of a rule in one submission: as a count, or per cent of the rows judged."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    count: int | None = Field(default=None, ge=0)
    per_cent: float | None = Field(default=None, ge=0, le=100)

    def holds(self, findings: int, rows: int | None) -> bool:
        """Return whether so many findings in so many rows are within the bound.

        Of a city nobody counts the rows, and of an unknown number there is no share to exceed.
        """
        if self.count is not None and findings > self.count:
            return False
        return self.per_cent is None or not rows or 100 * findings <= self.per_cent * rows


class Rule(BaseModel):
    """One expectation, in the shape of Great Expectations' own configuration, with its texts.

    `frame` is the table it looks at (frames.py), `at` the columns whose cells a finding points at.
    `bound` says up to where one steward alone may accept an explanation; beyond it, and always
    where the bound is a count of 0, a second person approves.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    stage: Literal["submission", "city"]
    frame: str
    family: str
    type: str
    kwargs: dict[str, Any]
    severity: Literal["critical", "warning", "info"]
    zh: str
    en: str
    why: Text
    fix: Text
    since: int
    at: tuple[str, ...]
    bound: Bound | None = None

    @property
    def rule_class(self) -> RuleClass:
        """The class that users know: must, explain or info."""
        return _CLASSES[self.severity]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the expectation reads, in the order in which it names them."""
        return _columns(self.kwargs)


def load_rules(roots: Sequence[Path], stage: str) -> list[Rule]:
    """Return the rules of a stage from every root; in a later root an id replaces an earlier one.

    Raises `BadRule` for a file that is not in the shape of a rule, or an id given twice in a root.
    """
    rules: dict[str, Rule] = {}
    for root in roots:
        own: dict[str, Rule] = {}
        for path in sorted((root / stage).glob("*.yml")):
            own = _with(own, load_file(path, stage), path)
        rules |= own
    return list(rules.values())


def load_paths(paths: Sequence[Path], stage: str | None = None) -> list[Rule]:
    """Return the rules of files, and of all files in folders.

    Unless given, the stage of a file is the name of its folder. Raises `BadRule` for a file that is
    of no stage or not in the shape of a rule, for an id given twice, and where there is no file.
    """
    files = [f for p in paths for f in (sorted(p.rglob("*.yml")) if p.is_dir() else [p])]
    if not files:
        places = "、".join(map(str, paths))
        raise BadRule(f"没有规则文件 no rule file (*.yml): {places}")
    rules: dict[str, Rule] = {}
    for path in dict.fromkeys(file.resolve() for file in files):
        of_stage = stage or path.parent.name
        if of_stage not in STAGES:
            raise BadRule(
                f"{path}: 看不出规则属于哪个阶段，请用 --stage 指明 {' 或 '.join(STAGES)}。"
                f"Its folder names no stage: give --stage {' or '.join(STAGES)}."
            )
        rules = _with(rules, load_file(path, of_stage), path)
    return list(rules.values())


def _with(rules: dict[str, Rule], more: Sequence[Rule], path: Path) -> dict[str, Rule]:
    """Return rules by id with those of one more file; an id may be given once."""
    result = dict(rules)
    for rule in more:
        if rule.id in result:
            raise BadRule(f"{path.name}: 规则重复 rule given twice: {rule.id}")
        result[rule.id] = rule
    return result


def load_file(path: Path, stage: str) -> list[Rule]:
    """Return the rules of one file; `BadRule` says what in it is not in the shape of a rule."""
    try:
        text = read_yaml(path)
        entries = list(text["expectations"])
        shared = {key: text[key] for key in ("frame", "family", "since", "bound") if key in text}
    except (OSError, ValueError, YAMLError, KeyError, TypeError) as error:
        raise BadRule(f"{path.name}: 不是规则文件 not a rule file: {error!r}") from error
    return [_rule(path, stage, shared, entry) for entry in entries]


def _rule(path: Path, stage: str, shared: dict[str, Any], entry: Any) -> Rule:
    name = entry
    try:
        meta = dict(entry.get("meta", {}))
        name = meta.get("id", entry["type"])
        kwargs = _completed(entry["type"], entry["kwargs"])
        meta.setdefault("at", list(_columns(kwargs)))
        parts = {"type": entry["type"], "kwargs": kwargs, "severity": entry.get("severity")}
        return Rule.model_validate({**shared, "stage": stage, **parts, **meta})
    except (ValueError, SyntaxError, KeyError, AttributeError, TypeError) as error:
        raise BadRule(f"{path.name}: 规则格式错误 bad rule {name}: {error}") from error


def _completed(kind: str, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with the column list that a condition already names."""
    if kind == CONDITION and "column_list" not in kwargs:
        return {**kwargs, "column_list": _names(kwargs["condition"])}
    return dict(kwargs)


def _names(condition: str) -> list[str]:
    nodes = list(ast.walk(ast.parse(condition, mode="eval")))
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    names = [node for node in nodes if isinstance(node, ast.Name) and id(node) not in called]
    names.sort(key=lambda node: (node.lineno, node.col_offset))
    return list(dict.fromkeys(node.id for node in names))


def _columns(kwargs: dict[str, Any]) -> tuple[str, ...]:
    single = [kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs]
    return tuple([*single, *kwargs.get("column_list", ())])
