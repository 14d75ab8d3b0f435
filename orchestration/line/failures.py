"""What went wrong in a run, as people are told it.

What belongs here: reading Dagster's events of failure. What does not: who is told, and how
(ground/alerts.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from dagster import DagsterEvent, DagsterEventType

from orchestration.forms.contract import read_yaml
from orchestration.gate.findings import is_unsettled
from orchestration.gate.run import city_outcome
from orchestration.ground.alerts import Kind, Trouble
from orchestration.ground.home import Home
from orchestration.ground.terms import RuleClass
from orchestration.ground.text import Text
from orchestration.line.city import METRICS

_HELD_BACK = "DagsterAssetCheckFailedError"


def troubles_of(home: Home, year: int | None, events: Iterable[DagsterEvent]) -> list[Trouble]:
    """Return what the events of a run say went wrong: steps that failed, cities held back.

    A run that broke off before any step failed, killed perhaps, is one trouble.
    """
    troubles, broke_off = [], None
    for event in events:
        if event.is_step_failure:
            city = _city_held_back(event)
            if city and year:
                troubles.append(_held_back(home, city, year))
            else:
                troubles.append(_failed(event))
        elif event.event_type is DagsterEventType.RUN_FAILURE:
            broke_off = event
    if broke_off and not troubles:
        text = Text("运行中断。", "The run broke off.")
        return [Trouble(Kind.run_failed, broke_off.job_name, text, broke_off.message or "")]
    return troubles


def _city_held_back(event: DagsterEvent) -> str | None:
    """Return the city whose gate said no, where that is why a step failed."""
    error = event.step_failure_data.error
    if error is None or error.cls_name != _HELD_BACK:
        return None
    return str(event.step_key).removesuffix(f"__{METRICS}")


def _held_back(home: Home, city: str, year: int) -> Trouble:
    facts = read_yaml(home.cities / city / "city.yml")
    _, findings = city_outcome(home, city, year)
    is_open = is_unsettled(findings, RuleClass.must)
    musts = findings[is_open].drop_duplicates("rule_id")
    text = Text(
        f"{facts['name_zh']} {year} 年度未发布：城市关卡有 {is_open.sum()} 处逻辑疑点未解决。",
        f"{facts['name_en']} {year} is not published: {is_open.sum()} findings of class must "
        "are open at its gate.",
    )
    sentences = zip(musts["sentence_zh"], musts["sentence_en"], strict=True)
    return Trouble(Kind.city_blocked, city, text, "\n".join(f"{zh} {en}" for zh, en in sentences))


def _failed(event: DagsterEvent) -> Trouble:
    """Return a step that failed, with the message of the error that began it."""
    text = Text(f"步骤 {event.step_key} 失败。", f"Step {event.step_key} failed.")
    error = event.step_failure_data.error
    while error and error.cause is not None:
        error = error.cause
    # "orchestration.warehouse.dbt.BuildFailed: …": the class is for programmers, who have the log.
    words = error.message.strip().partition(f"{error.cls_name}: ")[2] if error else ""
    said = words or (error.message.strip() if error else event.message or "")
    return Trouble(Kind.run_failed, str(event.step_key), text, said)
