"""What went wrong in a run, as people are told it.

What belongs here: reading Dagster's events of failure. What does not: who is told, and how
(ground/alerts.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dagster import DagsterEvent, DagsterEventType, MetadataValue

from orchestration.forms.contract import read_yaml
from orchestration.gate.findings import is_unsettled
from orchestration.gate.run import city_outcome
from orchestration.ground.alerts import Kind, Trouble
from orchestration.ground.home import Home
from orchestration.ground.terms import RuleClass
from orchestration.ground.text import Text
from orchestration.line.city import BLOCKED, STOPPED


def troubles_of(home: Home, year: int | None, events: Iterable[DagsterEvent]) -> list[Trouble]:
    """Return what the events of a run say went wrong: steps that failed, cities not published.

    A run that broke off before any step failed, killed perhaps, is one trouble.
    """
    troubles, broke_off = [], None
    for event in events:
        if event.is_step_failure:
            said = event.step_failure_data.user_failure_data
            if said and year and BLOCKED in said.metadata:
                troubles += _not_published(home, year, said.metadata)
            else:
                troubles.append(_failed(event))
        elif event.event_type is DagsterEventType.RUN_FAILURE:
            broke_off = event
    if broke_off and not troubles:
        text = Text("运行中断。", "The run broke off.")
        return [Trouble(Kind.run_failed, broke_off.job_name, text, broke_off.message or "")]
    return troubles


def _not_published(home: Home, year: int, said: Mapping[str, MetadataValue]) -> list[Trouble]:
    """Return the cities whose gate said no, and those whose edition could not be written."""
    blocked: Any = said[BLOCKED].value
    stopped: Any = said[STOPPED].value
    return [
        *(_held_back(home, city, year) for city in blocked),
        *(_stopped(home, city, year, Text(**why)) for city, why in stopped.items()),
    ]


def _stopped(home: Home, city: str, year: int, why: Text) -> Trouble:
    facts = read_yaml(home.cities / city / "city.yml")
    text = Text(
        f"{facts['name_zh']} {year} 年度未发布：版次没有写成。",
        f"{facts['name_en']} {year} is not published: its edition could not be written.",
    )
    return Trouble(Kind.city_blocked, city, text, str(why))


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
