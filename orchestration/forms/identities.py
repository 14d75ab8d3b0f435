"""What must hold among figures: parts and wholes, declared once, and the rules that say so.

What belongs here: reading `identities.yml`, and writing each relation as entries of a rule file,
one over what schools filed and one over a city's figures. What does not: the shape of a rule and
running it (gate/), and what a figure is (dbt_project/).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from orchestration.forms.contract import (
    SCHEMA_YEAR,
    Filer,
    Form,
    TableKind,
    load_form,
    read_yaml,
)
from orchestration.forms.staging import FACTS
from orchestration.ground.home import REPOSITORY
from orchestration.ground.text import Text

FILE = "identities.yml"
SCHOOL, CITY = "submission", "city"  # the stages of the rules
_INDICATORS = REPOSITORY / "dbt_project" / "models" / "marts" / "indicators"
_WHY = {
    "add_up": Text("各部分之和应等于整体", "The parts add up to the whole"),
    "within": Text("部分不会大于整体", "A part is no more than its whole"),
}
_FIX = {
    (SCHOOL, "critical"): Text(
        "核对各项，改正填错的一格后重新报送",
        "Check each figure, correct the wrong cell and hand the workbook in again",
    ),
    (SCHOOL, "warning"): Text(
        "核对后改正填错的一格；确实如此的请在“情况说明”中说明",
        "Correct the wrong cell, or explain under 情况说明",
    ),
    (CITY, "critical"): Text(
        "查明原因并请学校更正后重新运行",
        "Find the cause, have the schools correct it, and run again",
    ),
    (CITY, "warning"): Text(
        "查明原因；属实的在年报中说明", "Find the cause; where it is right, say so in the report"
    ),
}
_FIX_OF_BUREAU = Text(
    "核对后改正填错的一格；确实如此的向负责处理疑点的人员说明",
    "Correct the wrong cell, or tell the steward why it is so",
)


class Relation(BaseModel):
    """Parts that add up to a whole, or that are together no more than one or several wholes.

    A figure is a column of the form, `staff.pe_teachers`, or an indicator, `schools`. `at_most_pct`
    is the share of the whole that the parts may have. Without `stages` there is a rule wherever
    every figure is there: over schools if all are columns, over cities if each has an indicator.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    whole: str | None = None
    add_up: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    at_most_pct: int | None = None
    severity: Literal["critical", "warning"] = "critical"
    stages: tuple[Literal["submission", "city"], ...] = ()
    # The column whose words say which row of a sheet it is.
    row: str | None = None
    bound: Mapping[str, int] | None = None
    why: Text | None = None

    @property
    def is_partition(self) -> bool:
        """Whether the parts have to add up to the whole."""
        return self.whole is not None

    @property
    def smaller(self) -> tuple[str, ...]:
        """The parts."""
        return self.add_up if self.is_partition else self.parts

    @property
    def larger(self) -> tuple[str, ...]:
        """The whole, or the wholes that stand for it together."""
        return (self.whole,) if self.whole else self.within

    @property
    def figures(self) -> tuple[str, ...]:
        """Every figure of the relation, the parts first."""
        return (*self.smaller, *self.larger)


@dataclass(frozen=True)
class Rendered:
    """A relation as an entry of a rule file; `shared` is what is said once a file.

    `smaller` and `larger` are the columns of its frame that stand for parts and wholes.
    """

    stage: str
    shared: Mapping[str, Any]
    entry: dict[str, Any]
    relation: Relation
    smaller: tuple[str, ...]
    larger: tuple[str, ...]


@dataclass(frozen=True)
class _Figure:
    """A figure as one frame has it: the column, and what it is called."""

    column: str
    name: Text


def relations(path: Path) -> list[Relation]:
    """Return the relations that a file declares; pydantic's error for one that is none."""
    return [Relation.model_validate(one) for one in read_yaml(path)["relations"]]


def rendered(path: Path, forms: Sequence[Path]) -> Iterator[Rendered]:
    """Yield the rules that follow from a file of relations, those over schools first.

    Raises `KeyError` for a figure that neither the form nor the indicators have.
    """
    since = read_yaml(path)["since"]
    declared = relations(path)
    form = load_form(SCHEMA_YEAR, forms)
    for relation in declared:
        if (not relation.stages or SCHOOL in relation.stages) and _are_columns(relation):
            yield _over_schools(relation, form, since)
    for relation in declared:
        figures = {name: city_figure(name) for name in relation.figures}
        missing = [name for name, figure in figures.items() if figure is None]
        if not relation.stages and missing:
            continue
        if not relation.stages or CITY in relation.stages:
            if missing:
                raise KeyError(missing[0])
            yield _over_cities(relation, {n: f for n, f in figures.items() if f}, since)


def _are_columns(relation: Relation) -> bool:
    return all("." in name for name in relation.figures)


def _over_schools(relation: Relation, form: Form, since: int) -> Rendered:
    tables = {name.split(".")[0] for name in relation.figures}
    only = form.tables[next(iter(tables))] if len(tables) == 1 else None
    is_bureaus = only is not None and only.filed_by == Filer.bureau
    # What stands on one row, or is the bureau's, is judged where it stands.
    is_plain = only is not None and (is_bureaus or only.kind == TableKind.rows)
    frame = only.id if only is not None and is_plain else "submissions"
    figures = {name: _filed(name, form, is_plain) for name in relation.figures}
    fix = _FIX[SCHOOL, relation.severity]
    if is_bureaus and relation.severity == "warning":
        fix = _FIX_OF_BUREAU
    family = "within_table" if only else "across_tables"
    shared = {"frame": frame, "family": family, "since": since}
    smaller, larger = _columns(relation.smaller, figures), _columns(relation.larger, figures)
    meta = _meta(relation, relation.id, figures, fix, _row(relation))
    if relation.is_partition:
        meta |= {"whole": relation.whole, "add_up": list(relation.add_up)}
    entry = _judged(relation, smaller, larger) | {"severity": relation.severity, "meta": meta}
    return Rendered(SCHOOL, shared, entry, relation, smaller, larger)


def _over_cities(relation: Relation, figures: Mapping[str, _Figure], since: int) -> Rendered:
    smaller, larger = _columns(relation.smaller, figures), _columns(relation.larger, figures)
    # A whole that lacks schools which its parts have proves nothing.
    other = "!=" if relation.is_partition else "<"
    lacking = [f"({w}__schools {other} {p}__schools)" for w in larger for p in smaller]
    condition = " | ".join([f"({_condition(relation, smaller, larger)})", *lacking])
    id = f"city_{relation.id}" if _are_columns(relation) and not relation.stages else relation.id
    entry = {
        "type": "expect_rows_to_satisfy",
        "kwargs": {"condition": condition},
        "severity": relation.severity,
        "meta": _meta(relation, id, figures, _FIX[CITY, relation.severity], Text("全市", ""))
        | {"at": [*smaller, *larger]},
    }
    shared = {"frame": "city_figures", "family": "identities", "since": since}
    return Rendered(CITY, shared, entry, relation, smaller, larger)


def _columns(names: Sequence[str], figures: Mapping[str, _Figure]) -> tuple[str, ...]:
    return tuple(figures[name].column for name in names)


def _row(relation: Relation) -> Text:
    return Text(f"{{{relation.row}}}：", f"{{{relation.row}}}: ") if relation.row else Text("", "")


def _filed(name: str, form: Form, is_plain: bool) -> _Figure:
    """Return a column as a frame of submissions has it: of a sheet of rows, their sum."""
    table_id, column_id = name.split(".")
    table = form.tables[table_id]
    column = {column.id: column for column in table.columns}[column_id]
    if is_plain:
        return _Figure(column.id, Text(column.label, column.label_en))
    if table.kind == TableKind.rows:
        zh, en = f"{table.sheet}{column.label}合计", f"{table.sheet_en}, {column.label_en} in all"
        return _Figure(f"{table_id}__{column_id}_sum", Text(zh, en))
    return _Figure(f"{table_id}__{column_id}", Text(column.label, column.label_en))


def city_figure(name: str) -> _Figure | None:
    """Return the indicator that a figure is, or that sums a column of the form; None without."""
    metrics, sums = _declared()
    indicator = sums.get(name) if "." in name else name
    if indicator not in metrics:
        if "." not in name:
            raise KeyError(name)
        return None
    return _Figure(indicator, metrics[indicator])


@lru_cache(maxsize=1)
def _declared() -> tuple[dict[str, Text], dict[str, str]]:
    """Return the indicators' names, and by column of the form the indicator that is its sum."""
    files = [read_yaml(path) for path in sorted(_INDICATORS.glob("[!_]*.yml"))]
    tables = {f"ref('{model}')": table for table, (model, _) in FACTS.items()}
    places: dict[str, str] = {}
    for model in (model for file in files for model in file.get("semantic_models", ())):
        for measure in model["measures"]:
            if measure["agg"] == "sum" and model["model"] in tables:
                column = measure.get("expr", measure["name"])
                places[measure["name"]] = f"{tables[model['model']]}.{column}"
    metrics = {
        metric["name"]: metric
        for file in files
        for metric in file.get("metrics", ())
        if "unit" in metric["config"]["meta"]
    }
    sums = {
        places[metric["type_params"]["measure"]]: name
        for name, metric in metrics.items()
        if metric["type_params"].get("measure") in places
    }
    return {n: Text(m["label"], m["description"]) for n, m in metrics.items()}, sums


def _judged(relation: Relation, smaller: Sequence[str], larger: Sequence[str]) -> dict[str, Any]:
    """Return type and arguments of an expectation: one of the library's where it has one."""
    if len(smaller) == len(larger) == 1 and not relation.at_most_pct:
        if relation.is_partition:
            kwargs: dict[str, Any] = {"column_A": smaller[0], "column_B": larger[0]}
            return {"type": "expect_column_pair_values_to_be_equal", "kwargs": kwargs}
        kwargs = {"column_B": smaller[0], "column_A": larger[0], "or_equal": True}
        return {"type": "expect_column_pair_values_a_to_be_greater_than_b", "kwargs": kwargs}
    condition = _condition(relation, smaller, larger)
    return {"type": "expect_rows_to_satisfy", "kwargs": {"condition": condition}}


def _condition(relation: Relation, smaller: Sequence[str], larger: Sequence[str]) -> str:
    parts, whole = " + ".join(smaller), " + ".join(larger)
    if relation.is_partition:
        return f"{whole} == {parts}"
    if relation.at_most_pct:
        return f"100 * ({parts}) <= {relation.at_most_pct} * ({whole})"
    return f"{parts} <= {whole}"


def _meta(
    relation: Relation, id: str, figures: Mapping[str, _Figure], fix: Text, before: Text
) -> dict[str, Any]:
    parts = [figures[name] for name in relation.smaller]
    wholes = [figures[name] for name in relation.larger]
    zh, en = _in_words(relation, parts, wholes)
    why = relation.why or _WHY["add_up" if relation.is_partition else "within"]
    meta: dict[str, Any] = {
        "id": id,
        "zh": before.zh + zh,
        "en": before.en + en,
        "why": {"zh": why.zh, "en": why.en},
        "fix": {"zh": fix.zh, "en": fix.en},
    }
    return meta | ({"bound": dict(relation.bound)} if relation.bound else {})


def _in_words(
    relation: Relation, parts: Sequence[_Figure], wholes: Sequence[_Figure]
) -> tuple[str, str]:
    def listed(figures: Sequence[_Figure]) -> Text:
        return Text(
            " + ".join(f"{one.name.zh} {{{one.column}}}" for one in figures),
            " + ".join(f"{one.name.en} ({{{one.column}}})" for one in figures),
        )

    small, large = listed(parts), listed(wholes)
    if relation.is_partition:
        return f"{large.zh} 不等于{small.zh}", f"{large.en} is not {small.en}"
    if relation.at_most_pct:
        share = relation.at_most_pct
        return (
            f"{small.zh} 超过{large.zh} 的 {share}%",
            f"{small.en} is over {share} per cent of {large.en}",
        )
    return f"{small.zh} 大于{large.zh}", f"{small.en} is more than {large.en}"
