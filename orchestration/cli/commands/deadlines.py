"""`nianbao deadlines`, `reminders`, `extend`, `exclude`: who is in time, has longer, is left out.

What belongs here: the commands' options and how their results look. What does not: due dates and
exclusions (intake/declared/), and a reminder's words (schools/reminders.py).
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.options import (
    CityOption,
    Format,
    FormatOption,
    HomeOption,
    Language,
    LanguageOption,
    Stopped,
    YearOption,
)
from orchestration.ground.home import Home
from orchestration.ground.text import Text

app = typer.Typer()


class ListFormat(StrEnum):
    """What a list of reminders is written as."""

    text = "text"
    csv = "csv"


def _require_roster(home: Home, city: str, year: int) -> None:
    from orchestration.intake.declared.deadlines import roster

    if not roster(home, city, year):
        raise Stopped(
            f"{city}/schools.csv 中没有 {year} 年的学校。",
            f"{city}/schools.csv has no school of {year}.",
        )


@app.command()
def deadlines(
    home: HomeOption,
    city: CityOption,
    year: YearOption,
    lang: LanguageOption = Language.zh,
    format: FormatOption = Format.table,
) -> None:
    """各校截止日期与报送时间。Each school's due date, and when it handed in."""
    from orchestration.cli.terminal import show
    from orchestration.ground import clock
    from orchestration.ground.frames import records
    from orchestration.ground.ledger import open_ledger
    from orchestration.ground.settings import zone_of
    from orchestration.schools.timeliness import Timeliness, city_timeliness

    _require_roster(home, city, year)
    with open_ledger(home) as ledger:
        frame = city_timeliness(home, ledger, city, year, clock.today(zone_of(home)))
    rows = [{**row, "state": Timeliness(row["state"])} for row in records(frame)]
    columns = ("school_code", "school_name", "state", "due_on", "first_received_on", "days_left")
    shown = [{**row, "extension_reason": row["reason"]} for row in rows]
    listed = rows if format is Format.json else shown
    show(f"{city} {year}", listed, (*columns, "extension_reason"), lang, format)


@app.command()
def reminders(
    home: HomeOption,
    city: CityOption,
    year: YearOption,
    lang: LanguageOption = Language.zh,
    format: Annotated[
        ListFormat, typer.Option("--format", help="输出格式。Output format.")
    ] = ListFormat.text,
    output: Annotated[
        Path | None, typer.Option("--output", help="输出文件，默认屏幕。File; default: print.")
    ] = None,
) -> None:
    """需要提醒的学校和短信内容。The schools to remind, each with a message to send."""
    from orchestration.ground import clock
    from orchestration.ground.files import write_text
    from orchestration.ground.settings import zone_of
    from orchestration.schools.reminders import as_csv, as_text
    from orchestration.schools.reminders import reminders as reminders_of

    _require_roster(home, city, year)
    frame = reminders_of(home, city, year, clock.today(zone_of(home)))
    text = (as_csv if format is ListFormat.csv else as_text)(frame, lang)
    if output is None:
        typer.echo(text, nl=False)
        return
    write_text(output, text)
    typer.echo(f"{len(frame)} → {output}")


@app.command()
def extend(
    home: HomeOption,
    city: CityOption,
    year: YearOption,
    school: Annotated[str, typer.Option("--school", help="学校标识码。School code.")],
    until: Annotated[str, typer.Option("--until", help="最后一天，如 2025-02-15。The last day.")],
    reason: Annotated[str, typer.Option("--reason", help="理由。Why.")],
    by: Annotated[str, typer.Option("--by", help="登记人。Who registers it.")],
) -> None:
    """为一所学校登记延期。Register another due date for one school."""
    from orchestration.ground.ledger import open_ledger
    from orchestration.intake.declared.deadlines import extend as register

    _require_roster(home, city, year)
    with open_ledger(home) as ledger:
        register(ledger, home, city, year, school, until, reason, by)
    typer.echo(
        f"已登记：{school} 的 {year} 年截止日期为 {until}，下次运行起生效。"
        f"Registered: {school} is due on {until} for {year}, from the next run on."
    )


@app.command()
def exclude(
    home: HomeOption,
    city: CityOption,
    year: YearOption,
    school: Annotated[str, typer.Option("--school", help="学校标识码。School code.")],
    reason: Annotated[str, typer.Option("--reason", help="理由。Why.")],
    by: Annotated[str, typer.Option("--by", help="审批人。The approver who does it.")],
    note: Annotated[
        str, typer.Option("--note", help="公开说明，印入报告。What the report tells readers.")
    ] = "",
    take_back: Annotated[
        bool, typer.Option("--take-back", help="撤销排除。Take the exclusion back.")
    ] = False,
) -> None:
    """具名排除一所收不到数据的学校，城市据此发布。Let a city be published without one school."""
    from orchestration.ground.ledger import open_ledger
    from orchestration.intake.declared.exclusions import end_exclusion
    from orchestration.schools.excluding import exclude_school

    key = (city, year, school)
    with open_ledger(home) as ledger:
        if take_back:
            end_exclusion(ledger, home, key, reason, by)
        else:
            exclude_school(ledger, home, key, reason, note, by)
    done = Text("已撤销排除", "Taken back") if take_back else Text("已登记排除", "Registered")
    typer.echo(f"{done.zh}：{school}，下次运行起生效。{done.en}: {school}, from the next run on.")
