"""How pages are drawn: a home's Jinja environments, and the files beside the pages.

What belongs here: what a template may call. What does not: who is looking (page.py).
"""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from mimetypes import guess_type
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from orchestration.forms.headings import HEADINGS
from orchestration.ground import clock
from orchestration.ground.home import Home
from orchestration.ground.settings import zone_of
from orchestration.ground.text import Language, Text
from orchestration.web.frame.addresses import url
from orchestration.web.frame.labels import label

_HERE = Path(__file__).resolve().parents[1]


def _read_files() -> dict[str, tuple[str, bytes]]:
    files = ((path.name, path.read_bytes()) for path in sorted((_HERE / "static").iterdir()))
    return {name: (hashlib.sha256(content).hexdigest()[:16], content) for name, content in files}


_FILES = _read_files()


def static(name: str) -> str:
    """Return the address of a file of `static/`; it changes with the file's content."""
    return url("static", _FILES[name][0], name)


def _static_file(request: Request) -> Response:
    name = request.path_params["name"]
    digest, content = _FILES.get(name, ("", b""))
    if not digest or digest != request.path_params["digest"]:
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(content, headers=headers, media_type=guess_type(name)[0])


routes = [Route("/static/{digest}/{name}", _static_file)]


def environments(home: Home) -> dict[Language, Environment]:
    """Return what draws a home's pages, one a language; times are shown in the home's zone."""
    # One a language, so that `t` works in imported macros too, which see no context.
    return {language: _environment(home, language) for language in Language}


def _environment(home: Home, language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def t(zh: str | Text, en: str = "") -> str:
        """Return a text in the page's language: `t("待说明", "waiting")`, `t(error.text)`."""
        return (zh if isinstance(zh, Text) else Text(zh, en))[language]

    environment.filters["label"] = lambda word: label(word)[language]
    environment.filters["moment"] = lambda stored: clock.shown(stored, zone_of(home))

    def heading(column: str) -> str:
        """Return what stands above a column of a table."""
        words = HEADINGS[column][language]
        return words[:1].upper() + words[1:]

    environment.globals.update(
        t=t,
        # Asked only where a time is shown: the page that says what is wrong with settings.yml shows
        # none.
        zone_name=lambda: clock.zone_name(zone_of(home))[language],
        heading=heading,
        url=url,
        static=static,
        language=language,
        software_version=version("nianbao"),
    )
    return environment
