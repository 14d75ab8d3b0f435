"""`nianbao editions`, `approve`, `release`, `withdraw`, `verify`, `rebuild`: what is published.

What belongs here: the commands' options and how their results look. What does not: what may be
signed (editions/checklist.py) and how an edition is made again (publishing/rebuild.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli.options import (
    CityArgument,
    Format,
    FormatOption,
    HomeOption,
    Language,
    LanguageOption,
    YearArgument,
)
from orchestration.ground import clock

if TYPE_CHECKING:
    from orchestration.editions.history import Edition
    from orchestration.ground.home import Home
    from orchestration.ground.ledger import Ledger

app = typer.Typer()
EditionArgument = Annotated[str, typer.Argument(help="版次，如 v1。Edition, as v1.")]
ByOption = Annotated[str, typer.Option("--by", help="签署人。Who signs.")]
NoteOption = Annotated[str, typer.Option("--note", help="公开说明。Public note.")]
_COLUMNS = (
    *("edition", "state", "is_current", "published_at", "signed_by", "release_at"),
    *("final", "note"),
)


def _edition(home: Home, ledger: Ledger, city: str, year: int, text: str) -> Edition:
    from orchestration.editions.history import city_year, edition_number

    return city_year(home, ledger, city, year).numbered(edition_number(text))


@app.command()
def editions(
    home: HomeOption,
    city: CityArgument,
    year: YearArgument,
    lang: LanguageOption = Language.zh,
    format: FormatOption = Format.table,
) -> None:
    """一个城市年度的全部版次。Every edition of a city's year, and its state."""
    from orchestration.cli.terminal import catch_up, show
    from orchestration.editions.history import city_year
    from orchestration.ground.ledger import open_ledger
    from orchestration.ground.settings import zone_of

    catch_up(home)
    with open_ledger(home) as ledger:
        known = city_year(home, ledger, city, year)
    rows = [
        {
            "edition": f"v{e.number}",
            "state": e.state.text[lang],
            "is_current": e == known.current,
            "published_at": e.published_at,
            "signed_by": e.approval.by if e.approval else None,
            "release_at": e.approval.release_at if e.approval else None,
            "final": f"v{e.final_edition}" if e.final_edition else None,
            "note": e.withdrawal.note if e.withdrawal else e.approval.note if e.approval else None,
        }
        for e in known.editions
    ]
    if format is Format.table:
        for row in rows:
            for moment in ("published_at", "release_at"):
                row[moment] = row[moment] and clock.shown(str(row[moment]), zone_of(home))
    show(f"{city} {year}", rows, _COLUMNS, lang, format)


@app.command()
def approve(
    home: HomeOption,
    city: CityArgument,
    year: YearArgument,
    edition: EditionArgument,
    by: ByOption,
    note: NoteOption = "",
    release_at: Annotated[
        str, typer.Option("--release-at", help="发布时间，如 2025-03-01 09:00。Release time.")
    ] = "",
    lang: LanguageOption = Language.zh,
) -> None:
    """批准一个暂定版次，到时发布定稿。Sign an edition; the final one is published when due."""
    from orchestration.analysts.database import refresh_editions
    from orchestration.editions import signing
    from orchestration.editions.checklist import checklist, may_be_signed
    from orchestration.ground.ledger import open_ledger
    from orchestration.ground.settings import zone_of

    with open_ledger(home) as ledger:
        now = clock.now()
        release_time = signing.release_time(release_at, now, zone_of(home))
        one = _edition(home, ledger, city, year, edition)
        for item in checklist(home, ledger, one, by, note):
            mark = "✓" if item.is_met else ("✗" if item.is_blocking else "·")
            typer.echo(f"{mark} {item.text[lang]}")
        check = may_be_signed(home, ledger, one, by, note)
        signing.approve(home, ledger, one, by, note, release_time, check)
    if release_time <= now:
        release(home)
        return
    with open_ledger(home) as ledger:
        refresh_editions(home, ledger)
    when = clock.shown(release_time.isoformat(), zone_of(home))
    typer.echo(f"已批准，定于 {when} 发布，此前不公开。Signed, to be released then and not before.")


@app.command()
def release(home: HomeOption) -> None:
    """发布到时的定稿版次。Publish the signed editions whose release time has come."""
    from orchestration.analysts.database import catch_up, refresh_editions
    from orchestration.ground.ledger import open_ledger
    from orchestration.publishing.publish import release_due

    with open_ledger(home) as ledger:
        made = release_due(home, ledger, clock.now())
        for one in made:
            typer.echo(f"已发布定稿 Published as final: {one.folder}")
        # What was withdrawn during its embargo is let out by nobody else.
        if not catch_up(home, ledger):
            refresh_editions(home, ledger)
    if not made:
        typer.echo("没有到时的版次。Nothing is due.")


@app.command()
def withdraw(
    home: HomeOption,
    city: CityArgument,
    year: YearArgument,
    edition: EditionArgument,
    by: ByOption,
    note: NoteOption,
) -> None:
    """撤回一个版次并公开说明，文件保留。Withdraw an edition with a public note; its files stay."""
    from orchestration.analysts.database import refresh_editions
    from orchestration.ground.ledger import open_ledger
    from orchestration.publishing import withdrawn

    with open_ledger(home) as ledger:
        one = _edition(home, ledger, city, year, edition)
        withdrawn.withdraw(home, ledger, one, by, note)
        refresh_editions(home, ledger)
    typer.echo(f"已撤回 Withdrawn: {city} {year} v{one.number}")


@app.command()
def verify(home: HomeOption) -> None:
    """核对账本与全部版次的文件。Hold the ledger and every edition's files against their hashes."""
    from orchestration.editions.verify import verify_all
    from orchestration.ground.ledger import open_ledger

    with open_ledger(home) as ledger:
        known, faults = verify_all(home, ledger)
    for fault in faults:
        typer.echo(f"✗ {fault.text}", err=True)
    if faults:
        raise typer.Exit(1)
    typer.echo(f"{known} 个版次与发布时一致。{known} editions are as they were published.")


@app.command()
def rebuild(
    home: HomeOption,
    city: CityArgument,
    year: YearArgument,
    edition: EditionArgument,
    to: Annotated[
        Path | None, typer.Option("--to", help="保存重做的版次。Where to keep what was made.")
    ] = None,
) -> None:
    """由存档和账本重做一个版次并逐个文件比对。Make an edition again and compare file by file."""
    from orchestration.ground.ledger import open_ledger
    from orchestration.publishing.rebuild import rebuild as again

    with open_ledger(home) as ledger:
        one = _edition(home, ledger, city, year, edition)
        made = again(home, ledger, one, to)
    for file in made.files:
        typer.echo(f"{'✓' if file.is_equal else '✗'} {file.file} {(file.rebuilt or '—')[:12]}")
    equal = sum(file.is_equal for file in made.files)
    typer.echo(f"{equal}/{len(made.files)} 个文件逐字节一致。files are equal byte for byte.")
    if made.other_software:
        typer.echo("程序与当时不同 The software is not as it was:", err=True)
        for line in made.other_software:
            typer.echo(f"  {line}", err=True)
    if equal < len(made.files):
        raise typer.Exit(1)
