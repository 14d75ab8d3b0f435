"""`nianbao run`, `status`, `claims`: the annual run and how it ended.

What belongs here: the commands' options and how their results look. What does not: how a year ended
(line/outcome.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from orchestration.cli.commands.inbox import show_inbox
from orchestration.cli.options import (
    CityOption,
    Format,
    FormatOption,
    HomeOption,
    Language,
    LanguageOption,
    Stopped,
    YearOption,
    require_cities,
)
from orchestration.ground.alerts import Kind
from orchestration.ground.terms import SYNTHETIC, ClaimVerdict
from orchestration.ground.text import Text

if TYPE_CHECKING:
    from orchestration.ground.home import Home
    from orchestration.line.outcome import CityStatus

app = typer.Typer()
_SUBMISSIONS = (
    *("city", "accepted", "waiting", "returned", "missing", "excluded"),
    *("must", "explain", "info"),
)
_CLAIMS = ("claim_id", "figure", "printed", "computed", "compare", "claim_verdict", "claim_note")


@app.command()
def run(
    home: HomeOption,
    year: YearOption,
    lang: LanguageOption = Language.zh,
) -> None:
    """执行一个年度的全部流程。Execute the annual run of one year, and show how it ended."""
    require_cities(home)
    home.create()
    from orchestration.cli.launch import execute_annual_run, write_dagster_yaml

    write_dagster_yaml(home)

    typer.echo(f"{year} 年度运行开始 annual run {year}")
    troubles = execute_annual_run(home, year)
    if all(trouble.kind is Kind.city_blocked for trouble in troubles):
        status(home, year, lang)
    else:
        typer.echo("运行中断，没有新的结果。The run broke off: there are no new results.", err=True)
    raise typer.Exit(1 if troubles else 0)


@app.command()
def status(
    home: HomeOption,
    year: YearOption,
    lang: LanguageOption = Language.zh,
    format: FormatOption = Format.table,
) -> None:
    """各城市的填报、疑点、关卡、版次。Submissions, findings, gate, edition and claims."""
    from orchestration.cli.terminal import catch_up, show
    from orchestration.line import outcome

    catch_up(home)
    _warn_of_embargoes(home, year)
    cities = outcome.city_status(home, year)
    if not cities:
        raise Stopped(f"没有 {year} 年度的数据。", f"There is nothing of the year {year}.")
    if format is Format.json:
        show("", map(vars, cities), (), lang, format)
        return
    rows = [{**vars(one), "city": _name(one), "edition": _edition(one)} for one in cities]
    title = Text("填报与关卡", "Submissions and gate")
    show(title, rows, (*_SUBMISSIONS, "gate", "edition"), lang)
    for one in cities:
        if one.newer_returned or one.newer_waiting:
            typer.echo(_newer(one)[lang])
    rules = outcome.open_findings(home, year)
    if rules:
        show(Text("未解决的疑点", "Open findings"), rules, rules[0], lang)
    columns = ("city", "claims_came_out", "claims_flagged", "claims_explained", "claims_wrong")
    show(Text("报告数字对照", "Printed figures"), rows, columns, lang)
    show_inbox(home, year, lang)
    for one in cities:
        if one.report_lacks:
            typer.echo(_lacking(one)[lang])
    if any(one.is_synthetic for one in cities):
        typer.echo(SYNTHETIC[lang])


def _warn_of_embargoes(home: Home, year: int) -> None:
    """Say which cities are not released yet: what is found in their figures names these."""
    from orchestration.cli.terminal import warn_of_embargo
    from orchestration.editions.history import every_city_year
    from orchestration.ground.ledger import open_ledger

    with open_ledger(home) as ledger:
        for one in every_city_year(home, ledger):
            if one.year == year and one.newest:
                warn_of_embargo(one, one.newest)


def _name(one: CityStatus) -> Text:
    return Text(one.name_zh, one.name_en)


def _edition(one: CityStatus) -> Text:
    """Return the edition that stands; where all are withdrawn, the newest of them as such."""
    from orchestration.editions.history import State

    if one.withdrawn_edition:
        number = f"v{one.withdrawn_edition} "
        return Text(number + State.withdrawn.zh, number + State.withdrawn.en)
    number = f"v{one.edition}" if one.edition else "—"
    return Text(number, number)


def _newer(one: CityStatus) -> Text:
    """Return how many of a city's accepted schools have a newer file that is not accepted."""
    return Text(
        f"{one.name_zh}已通过的 {one.accepted} 所中，更新的文件被退回的 {one.newer_returned} 所、"
        f"待说明的 {one.newer_waiting} 所，仍按已通过的文件计。",
        f"{one.name_en}: of {one.accepted} accepted, {one.newer_returned} with a newer file "
        f"returned, {one.newer_waiting} with one waiting; the accepted file counts.",
    )


def _lacking(one: CityStatus) -> Text:
    """Return what a city's report lacks, one line a figure."""
    number, count = f"v{one.edition}", len(one.report_lacks)
    zh, en = ("".join(f"\n  {said[lang]}" for said in one.report_lacks) for lang in Language)
    return Text(
        f"{one.name_zh}的报告 {number} 缺 {count} 项：{zh}",
        f"The report {number} of {one.name_en} lacks {count}:{en}",
    )


@app.command()
def claims(
    home: HomeOption,
    city: CityOption,
    year: YearOption,
    lang: LanguageOption = Language.zh,
    format: FormatOption = Format.table,
) -> None:
    """报告印出与仓库算出的数字。Each printed figure, and what the warehouse says."""
    from orchestration.cli.terminal import show, warn_of_embargo
    from orchestration.editions.history import city_year
    from orchestration.ground.ledger import open_ledger
    from orchestration.line import outcome

    rows = outcome.claims(home, city, year)
    with open_ledger(home) as ledger:
        editions = city_year(home, ledger, city, year)
    if editions.current:
        warn_of_embargo(editions, editions.current)
    if not rows:
        raise Stopped(
            f"{city} {year} 年没有印出的数字可对照。",
            f"There are no printed figures of {city} {year} to compare.",
        )
    if format is Format.table:
        rows = [
            {
                **row,
                "figure": Text(row["label_zh"], row["label_en"]),
                "claim_verdict": ClaimVerdict(row["verdict"]),
                "claim_note": Text(row["cause_zh"], row["cause_en"])
                if row["cause_zh"]
                else row["note"],
            }
            for row in rows
        ]
    show(f"{city} {year}", rows, _CLAIMS, lang, format)
