"""What a run could not do, told to people: a file in the home, the log, and mail where it is set.

What belongs here: keeping alerts, and which of them still stand. What does not: what makes a run
fail (line/failures.py), and how a page shows an alert.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

from orchestration.ground import clock
from orchestration.ground.home import Home
from orchestration.ground.mail import send
from orchestration.ground.settings import settings, zone_of
from orchestration.ground.text import NianbaoError, Term, Text

log = logging.getLogger(__name__)


class Kind(Term):
    """What an alert is about."""

    run_failed = "run_failed", "运行失败", "run failed"
    city_blocked = "city_blocked", "城市未发布", "city not published"
    ended_well = "ended_well", "运行恢复正常", "run in order again"


@dataclass(frozen=True)
class Run:
    """A run: Dagster's name for it, its job, and the year that it was for, if for one."""

    id: str
    job: str
    year: int | None


@dataclass(frozen=True)
class Trouble:
    """One thing that went wrong; `subject` is a step or a city, `detail` the machine's words."""

    kind: Kind
    subject: str
    text: Text
    detail: str = ""


@dataclass(frozen=True)
class Alert:
    """A trouble of a run, and the moment when it was told (UTC)."""

    at: str
    run: Run
    trouble: Trouble


def tell(home: Home, run: Run, troubles: Sequence[Trouble]) -> list[Alert]:
    """Keep what went wrong in a run, write it to the log and mail what is new; return the alerts.

    A run is told of once, whoever saw it end. One without trouble after one with some is told of
    too: with it the earlier alerts no longer stand. Mail that cannot leave is a line in the log.
    """
    with _held(home) as file:
        known = _read(file)
        if any(alert.run.id == run.id for alert in known):
            return []
        stood = [alert.trouble for alert in _standing(known) if _line(alert.run) == _line(run)]
        if not troubles and not stood:
            return []
        well = Trouble(Kind.ended_well, run.job, Kind.ended_well.text)
        alerts = [Alert(clock.stamp(), run, trouble) for trouble in troubles or [well]]
        file.write("".join(f"{_as_json(alert)}\n" for alert in alerts))
    for alert in alerts:
        level = logging.INFO if alert.trouble.kind is Kind.ended_well else logging.ERROR
        log.log(level, "%s", in_words(alert))
    news = [a for a in alerts if a.trouble not in stood and a.trouble.kind is not Kind.ended_well]
    if news:
        _mail(home, news)
    return alerts


def standing(home: Home, year: int | None = None) -> list[Alert]:
    """Return the alerts that no later run has mended, newest first; of one year and of none."""
    if not home.alerts.exists():
        return []
    with _held(home) as file:
        alerts = _standing(_read(file))
    return [a for a in reversed(alerts) if year is None or a.run.year in (year, None)]


def in_words(alert: Alert) -> str:
    """Return an alert as the log and a mail say it."""
    year = "" if alert.run.year is None else f" {alert.run.year}"
    words = f"✗ {alert.trouble.subject}{year} {alert.trouble.text}"
    return f"{words}\n{alert.trouble.detail}" if alert.trouble.detail else words


def _line(run: Run) -> tuple[str, int | None]:
    return run.job, run.year


def _standing(alerts: Sequence[Alert]) -> list[Alert]:
    """Return the alerts of the last run of each job and year, oldest first."""
    last = {_line(alert.run): alert.run.id for alert in alerts}
    return [
        alert
        for alert in alerts
        if last[_line(alert.run)] == alert.run.id and alert.trouble.kind is not Kind.ended_well
    ]


def _mail(home: Home, news: Sequence[Alert]) -> None:
    try:
        mail = settings(home).mail
        if mail is None:
            return
        subjects = "、".join(dict.fromkeys(alert.trouble.subject for alert in news))
        told = [f"{clock.shown(alert.at, zone_of(home))}\n{in_words(alert)}" for alert in news]
        pages = Text(
            "详情见审核网页的年度总览，或 nianbao status。",
            "More on the year's overview of the stewards' pages, or in nianbao status.",
        )
        send(mail, f"nianbao: {subjects}", "\n\n".join([*told, f"{pages.zh}\n{pages.en}"]))
    except NianbaoError as error:
        log.error("%s", error)


@contextlib.contextmanager
def _held(home: Home) -> Iterator[TextIO]:
    """Open the file of alerts for one process at a time, to be read and added to."""
    home.alerts.parent.mkdir(parents=True, exist_ok=True)
    with home.alerts.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        yield file


def _as_json(alert: Alert) -> str:
    run, trouble = alert.run, alert.trouble
    line = {"at": alert.at, "run": run.id, "job": run.job, "year": run.year}
    line |= {"kind": trouble.kind, "subject": trouble.subject}
    line |= {"zh": trouble.text.zh, "en": trouble.text.en, "detail": trouble.detail}
    return json.dumps(line, ensure_ascii=False)


def _read(file: TextIO) -> list[Alert]:
    """Return every alert; a line that a broken machine left half written is passed over."""
    alerts = []
    for number, text in enumerate(file, start=1):
        try:
            line = json.loads(text)
            run = Run(line["run"], line["job"], line["year"])
            words = Text(line["zh"], line["en"])
            trouble = Trouble(Kind(line["kind"]), line["subject"], words, line["detail"])
            alerts.append(Alert(line["at"], run, trouble))
        except (ValueError, KeyError, TypeError):
            log.warning("alerts.jsonl: 第 %d 行不可读 line %d cannot be read", number, number)
    return alerts
