"""Editions: those of a year, one of them with its proof, and its files.

What belongs here: these pages; they only read. What does not: signing and withdrawing
(signing_pages.py), and the way from a figure to its cells (trace_pages.py).
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from orchestration.editions.checklist import checklist
from orchestration.editions.contents import TABLES
from orchestration.editions.history import (
    CityYear,
    Edition,
    FigureStatus,
    State,
    city_year,
    every_city_year,
)
from orchestration.editions.verify import Fault, verify_edition
from orchestration.gate.current import current_state
from orchestration.ground.ledger import open_ledger
from orchestration.ground.settings import zone_of
from orchestration.ground.terms import SYNTHETIC
from orchestration.ground.text import Text
from orchestration.web.editions.lookup import (
    city_names,
    edition_asked_for,
    edition_url,
    figures,
    moves,
    rows,
    saved_as,
    searched,
)
from orchestration.web.frame.embargo import may_preview
from orchestration.web.frame.page import download, home_of, page, render, saved
from orchestration.web.frame.security import Refusal
from orchestration.web.frame.visitor import NavigationItem, Visitor

# What people come for; everything else of the folder is listed after it.
FILES = {
    "report.docx": Text("Word 报告", "the report in Word"),
    "metrics.xlsx": Text(
        "指标、定义、修订与追溯的工作簿", "figures, definitions, revisions, trace"
    ),
    "metrics.csv": Text("指标，CSV", "figures as CSV"),
    "metrics.parquet": Text("指标，Parquet", "figures as Parquet"),
    "metrics.sdmx.csv": Text("指标，SDMX-CSV 2.0", "figures as SDMX-CSV 2.0"),
    "metrics.sdmx.json": Text("SDMX 结构与代码表", "SDMX structure and code lists"),
    "revisions.csv": Text("修订记录", "what was revised"),
    "data_dictionary.csv": Text("数据字典", "data dictionary"),
    "datapackage.json": Text("数据包说明（Frictionless）", "Frictionless data package"),
    "manifest.json": Text("清单：输入、版本与哈希", "manifest: inputs, versions, hashes"),
}
_TABLE = Text("表", "table")
_PAGE = "page.html"
# The page brings its own styles and pictures. Sandboxed, it has no part in this site: no script,
# no form, and no request of it carries the session.
_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'; sandbox allow-downloads"
    ),
    # A browser refuses a sandboxed page that asks for an opener policy.
    "Cross-Origin-Opener-Policy": "unsafe-none",
    "Referrer-Policy": "no-referrer",
}


def _editions(request: Request, visitor: Visitor) -> Response:
    home, year = home_of(request), request.path_params["year"]
    with open_ledger(home) as ledger:
        own = [one for one in every_city_year(home, ledger) if visitor.may_see(one.city)]
    waiting = [e for one in own for e in one.editions if e.waits_for_release]
    years = sorted({*current_state(home).years, *(one.year for one in own)}, reverse=True)
    if year not in years:
        raise Refusal(404, f"没有 {year} 年度。", f"There is no year {year}.")
    configured = [name for name in current_state(home).cities if visitor.may_see(name)]
    none = {name: CityYear(name, year, home) for name in configured}
    cities = none | {one.city: one for one in own if one.year == year}
    return render(
        request,
        visitor,
        "editions/editions.html",
        year=year,
        other_years=[y for y in years if y != year],
        cities=cities,
        names={name: city_names(request, name) for name in {*cities, *(e.city for e in waiting)}},
        waiting=waiting,
        # A note may name figures.
        is_note_shown=lambda e: (
            may_preview(request, visitor)
            or not any(
                one.is_held_back(e) for one in own if (one.city, one.year) == (e.city, e.year)
            )
        ),
        edition_url=edition_url,
    )


def _edition(request: Request, visitor: Visitor) -> Response:
    home = home_of(request)
    with open_ledger(home) as ledger:
        edition = edition_asked_for(request, visitor, ledger)
        items = checklist(home, ledger, edition)
        editions = city_year(home, ledger, edition.city, edition.year)
    faults = verify_edition(edition)
    manifest = None if faults else edition.manifest()
    # Older software left neither checklist nor revisions: there are the files alone.
    is_older = manifest is not None and "ledger" not in manifest
    has_tables_of_now = manifest is not None and not is_older
    may_be_signed = edition.state == State.provisional and not edition.approval and not is_older
    wanted = request.query_params.get("q", "")
    every = figures(edition) if has_tables_of_now else []
    return render(
        request,
        visitor,
        "editions/edition.html",
        edition=edition,
        current=editions.current if may_preview(request, visitor) else editions.current_published,
        name=city_names(request, edition.city),
        items=[item for item in items if may_be_signed or not item.is_blocking],
        may_be_signed=may_be_signed,
        faults=faults,
        manifest=manifest if has_tables_of_now else None,
        is_older=is_older,
        wanted=wanted,
        figures=searched(every, wanted),
        of_figures=len(every),
        withheld=sum(row["status"] == FigureStatus.withheld for row in every),
        moves=moves(edition) if has_tables_of_now else [],
        decisions=rows(edition, "fct_decision") if has_tables_of_now else [],
        schools=_school_names(edition) if has_tables_of_now else {},
        files=_files(edition),
        has_page=(edition.folder / _PAGE).is_file(),
        edition_url=edition_url,
        synthetic=SYNTHETIC,
    )


def _school_names(edition: Edition) -> dict[str, str]:
    found = rows(edition, "dim_school", "school_code", "school_name")
    return {row["school_code"]: row["school_name"] for row in found}


def _files(edition: Edition) -> list[tuple[str, Text, int]]:
    """Return name, what it is and size of the edition's files, tables after the rest."""
    paths = (edition.folder / name for name in FILES)
    tables = sorted((edition.folder / TABLES).glob("*.parquet"))
    listed = [(path.name, FILES[path.name], path) for path in paths]
    listed += [(f"{TABLES}/{path.name}", _TABLE, path) for path in tables]
    return [(name, text, path.stat().st_size) for name, text, path in listed if path.is_file()]


def _file(request: Request, visitor: Visitor) -> Response:
    from orchestration.publishing.withdrawn import marked

    edition, name = _as_published(request, visitor, request.path_params["path"])
    said = marked(edition, name, zone_of(home_of(request)))
    if said is not None:
        return saved(said, saved_as(edition, name))
    file = edition.folder / name
    return download(request, file, saved_as(edition, file.name))


def _page(request: Request, visitor: Visitor) -> Response:
    from orchestration.publishing.withdrawn import marked

    edition, name = _as_published(request, visitor, _PAGE)
    # The file stays as it was signed; whoever is shown it reads first that it does not stand.
    said = marked(edition, name, zone_of(home_of(request)))
    if said is not None:
        return HTMLResponse(said, headers=_PAGE_HEADERS)
    return FileResponse(edition.folder / name, headers=_PAGE_HEADERS, media_type="text/html")


def _as_published(request: Request, visitor: Visitor, name: str) -> tuple[Edition, str]:
    """Return an edition and a file of it that is as it was published; `Refusal` (404, 409)."""
    with open_ledger(home_of(request)) as ledger:
        edition = edition_asked_for(request, visitor, ledger)
    against = _fault_of(verify_edition(edition), name)
    if against:
        raise Refusal(409, against.text.zh, against.text.en)
    if name != "manifest.json" and name not in edition.manifest()["files"]:
        raise Refusal(404, "没有这个文件。", "There is no such file.")
    return edition, name


def _fault_of(faults: list[Fault], name: str) -> Fault | None:
    """Return what is wrong with a file: its own fault, or one that leaves all files in doubt."""
    return next((f for f in faults if f.file in {name, ".", "manifest.json"}), None)


_EDITION = "/{year:int}/editions/{city}/v{number:int}"
routes = [
    Route("/{year:int}/editions", page(_editions)),
    Route(_EDITION, page(_edition)),
    Route(f"{_EDITION}/page", page(_page)),
    Route(f"{_EDITION}/files/{{path:path}}", page(_file)),
]
navigation = [
    NavigationItem("/latest/editions", "版次", "Editions", sections=("editions", "trace")),
]
