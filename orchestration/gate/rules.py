"""The rules as stewards write them: expectations/<stage>/*.yml, read and validated.

What belongs here: the shape of a rule and where rules come from, those that follow from declared
parts and wholes (expectations/identities.yml) among them. What does not: running them
(suites.py) and what a failure says (findings.py). great_expectations is not needed for this.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from orchestration.forms import identities
from orchestration.forms.contract import BrokenYaml, read_yaml
from orchestration.ground.home import REPOSITORY
from orchestration.ground.terms import RuleClass, Stage
from orchestration.ground.text import NianbaoError, Text

if TYPE_CHECKING:
    import pandas as pd

CONDITION = "expect_rows_to_satisfy"
_CLASSES = {"critical": RuleClass.must, "warning": RuleClass.explain, "info": RuleClass.info}


class BadRule(NianbaoError):
    """A rule file that cannot be used; its place is the file and the rule."""


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
    where the bound is a count of 0, a second person approves. It judges what is filed for the years
    from `since` to `until`; `changed` says, by the year that it was first asked so, what is asked
    otherwise than before: each change is a new `version`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    stage: Stage
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
    until: int | None = None
    changed: dict[int, Text] = Field(default_factory=dict)
    at: tuple[str, ...]
    bound: Bound | None = None
    # No part of what a rule says: moving it to another file is no change of it.
    file: str = Field(default="", exclude=True)
    # The condition says the same: the column of the form that is held to a sum, and what adds up.
    whole: str | None = Field(default=None, exclude=True)
    add_up: tuple[str, ...] = Field(default=(), exclude=True)

    @property
    def place(self) -> str:
        """Where it stands: its file and its id."""
        return f"{self.file} {self.id}".strip()

    @property
    def rule_class(self) -> RuleClass:
        """The class that users know: must, explain or info."""
        return _CLASSES[self.severity]

    @property
    def version(self) -> int:
        """Which wording of it this is, counted from 1."""
        return 1 + len(self.changed)

    @model_validator(mode="after")
    def _years_follow(self) -> Rule:
        years = [self.since, *self.changed, *([] if self.until is None else [self.until])]
        if years != sorted(years) or self.since in self.changed:
            raise ValueError(f"since, changed and until are years one after the other: {years}")
        return self

    def judges(self, years: pd.Series) -> pd.Series:
        """Return which rows it judges, by the year that they are filed for; of no year, it does."""
        is_outside = years.lt(self.since) | (False if self.until is None else years.gt(self.until))
        return ~is_outside.fillna(False).astype(bool)

    @property
    def sentence(self) -> Text:
        """What a finding says, with the columns whose words go into it in braces."""
        return Text(self.zh, self.en)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the expectation reads, in the order in which it names them."""
        return _columns(self.kwargs)


def load_rules(roots: Sequence[Path], *stages: Stage) -> list[Rule]:
    """Return rules of some stages or all; in a later root an id replaces one of an earlier root.

    Raises `BadRule` for a file that is not in the shape of a rule, or an id given twice in a root.
    """
    found: list[Rule] = []
    for stage in stages or Stage:
        rules: dict[str, Rule] = {}
        for root in roots:
            paths = sorted((root / stage).glob("*.yml"))
            written = (rule for path in paths for rule in load_file(path, stage))
            rules |= _by_id([*written, *_identities(root, stage)])
        found += rules.values()
    return found


def _identities(root: Path, stage: Stage) -> Iterator[Rule]:
    """Yield the rules of a stage that follow from the parts and wholes that a root declares."""
    path = root / identities.FILE
    if not path.exists():
        return
    own = root.parent / "forms"
    forms = [REPOSITORY / "forms", *([own] if own.is_dir() and root.parent != REPOSITORY else [])]
    try:
        for made in identities.rendered(path, forms):
            if made.stage == stage:
                shared = {**made.shared, "stage": stage, "file": identities.FILE}
                yield _rule(shared, made.entry, 0)
    except (OSError, ValueError, BrokenYaml, KeyError, TypeError) as error:
        raise BadRule(f"写法有误：{error!r}", f"It cannot be used: {error!r}", str(path)) from error


def load_paths(paths: Sequence[Path], stage: Stage | None = None) -> list[Rule]:
    """Return the rules of files, and of all files in folders.

    Unless given, the stage of a file is the name of its folder. Raises `BadRule` for a file that is
    of no stage or not in the shape of a rule, for an id given twice, and where there is no file.
    """
    files = [f for p in paths for f in (sorted(p.rglob("*.yml")) if p.is_dir() else [p])]
    if not files:
        place = "、".join(map(str, paths))
        raise BadRule("这里没有规则文件（*.yml）。", "There is no rule file (*.yml).", place)
    once = dict.fromkeys(file.resolve() for file in files)
    return list(_by_id(rule for p in once for rule in load_file(p, stage or _stage_of(p))).values())


def _stage_of(path: Path) -> Stage:
    try:
        return Stage(path.parent.name)
    except ValueError as error:
        known = tuple(Stage)
        raise BadRule(
            f"看不出规则属于哪个阶段，请用 --stage 指明 {' 或 '.join(known)}。",
            f"Its folder names no stage: give --stage {' or '.join(known)}.",
            str(path),
        ) from error


def _by_id(rules: Iterable[Rule]) -> dict[str, Rule]:
    """Return rules by their ids, each of which may be given once."""
    result: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in result:
            raise BadRule(
                f"规则编号重复，也见于 {result[rule.id].file}。",
                f"This id is given twice: {result[rule.id].file} has it too.",
                rule.place,
            )
        result[rule.id] = rule
    return result


def load_file(path: Path, stage: Stage) -> list[Rule]:
    """Return the rules of one file; `BadRule` says what in it is not in the shape of a rule."""
    file = f"{path.parent.name}/{path.name}"
    try:
        text = read_yaml(path)
        entries = list(text["expectations"])
        shared = {
            key: text[key] for key in ("frame", "family", "since", "until", "bound") if key in text
        }
    except (OSError, ValueError, BrokenYaml, KeyError, TypeError) as error:
        raise BadRule(f"不是规则文件：{error!r}", f"Not a rule file: {error!r}", file) from error
    shared |= {"stage": stage, "file": file}
    return [
        _rule(shared, each, number)
        for number, entry in enumerate(entries, start=1)
        for each in _each(entry)
    ]


def _each(entry: Any) -> Iterator[Any]:
    """Yield an entry; one with `each`, a list of facts, once a fact with these put in at <name>."""
    if not isinstance(entry, dict) or not isinstance(entry.get("each"), list):
        yield entry
        return
    template = json.dumps({k: v for k, v in entry.items() if k != "each"}, ensure_ascii=False)
    for facts in entry["each"]:
        text = template
        for name, fact in dict(facts).items():
            text = text.replace(f"<{name}>", str(fact))
        yield json.loads(text)


def _rule(shared: dict[str, Any], entry: Any, number: int) -> Rule:
    name = f"expectations[{number}]"
    try:
        meta = dict(entry.get("meta", {}))
        name = f"{name} {meta.get('id', entry['type'])}"
        kwargs = _completed(entry["type"], entry["kwargs"])
        meta.setdefault("at", list(_columns(kwargs)))
        parts = {"type": entry["type"], "kwargs": kwargs, "severity": entry.get("severity")}
        return Rule.model_validate({**shared, **parts, **meta})
    except (ValueError, SyntaxError, KeyError, AttributeError, TypeError) as error:
        wrong = _wrong(error) if isinstance(error, ValidationError) else repr(error)
        raise BadRule(
            f"规则格式有误：{wrong}",
            f"It is not in the shape of a rule: {wrong}",
            f"{shared['file']} {name}",
        ) from error


def _wrong(error: ValidationError) -> str:
    """Return in one line which keys are wrong, and how."""
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())


def _completed(kind: str, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with those that are the same for every rule of the kind.

    A condition names its columns itself; a pair of which one is missing is passed over, for missing
    is not zero.
    """
    if kind == CONDITION:
        return {"column_list": _names(kwargs["condition"]), **kwargs}
    if "column_A" in kwargs:
        return {"ignore_row_if": "either_value_is_missing", **kwargs}
    return dict(kwargs)


def _names(condition: str) -> list[str]:
    nodes = list(ast.walk(ast.parse(condition, mode="eval")))
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    names = [node for node in nodes if isinstance(node, ast.Name) and id(node) not in called]
    names.sort(key=lambda node: (node.lineno, node.col_offset))
    return list(dict.fromkeys(node.id for node in names))


def _columns(kwargs: dict[str, Any]) -> tuple[str, ...]:
    """Return the columns in the order in which they are named: findings name values in it."""
    single = [kwargs[key] for key in kwargs if key in ("column", "column_A", "column_B")]
    return tuple([*single, *kwargs.get("column_list", ())])
