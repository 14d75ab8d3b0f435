"""How pages are drawn: the Jinja environments, addresses, and the files beside the pages.

What belongs here: what a template may call. What does not: who is looking (page.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from orchestration.ground import clock

LANGUAGES = ("zh", "en")
_HERE = Path(__file__).resolve().parents[1]


def url(*parts: Any, **params: Any) -> str:
    """Return an address of this site: `url(2024, "庆阳", page=2)` is `/2024/%E5…?page=2`.

    Every part is one segment, whatever is in it. A parameter that is None or empty is left out; a
    list is repeated.
    """
    if any(str(part) in {".", "..", ""} for part in parts):
        raise ValueError(f"not a segment of an address: {parts}")
    path = "/" + "/".join(quote(str(part), safe="") for part in parts)
    given = {key: value for key, value in params.items() if value not in (None, "", [])}
    return f"{path}?{urlencode(given, doseq=True)}" if given else path


def here(request: Request) -> Callable[..., str]:
    """Return a function that gives the page's own address with some parameters changed.

    `here(page=2)` keeps the other parameters, `here(rule=None)` drops one.
    """
    path = "/" + quote(request.scope["path"].lstrip("/"))
    query = request.scope["query_string"].decode("latin-1")
    before = parse_qsl(query, keep_blank_values=True, errors="replace")

    def changed(**params: Any) -> str:
        kept = [(key, value) for key, value in before if key not in params]
        given = {key: value for key, value in params.items() if value not in (None, "", [])}
        text = "&".join(filter(None, (urlencode(kept), urlencode(given, doseq=True))))
        return f"{path}?{text}" if text else path

    return changed


def _read_files() -> dict[str, tuple[str, bytes]]:
    files = ((path.name, path.read_bytes()) for path in sorted((_HERE / "static").iterdir()))
    return {name: (hashlib.sha256(content).hexdigest()[:16], content) for name, content in files}


_FILES = _read_files()


def static(name: str) -> str:
    """Return the address of a file of `static/`; it changes with the file's content."""
    return url("static", _FILES[name][0], name)


def _static_file(request: Request) -> Response:
    digest, content = _FILES.get(request.path_params["name"], ("", b""))
    if not digest or digest != request.path_params["digest"]:
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(content, headers=headers, media_type=guess_type(request.url.path)[0])


routes = [Route("/static/{digest}/{name}", _static_file)]


@pass_context
def _shown_in_zone(context: Context, stored: str | float) -> str:
    """Show a stored moment in the time of the home's people, whose `zone` every page has."""
    return clock.shown(stored, context["zone"])


def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = _shown_in_zone
    environment.globals.update(
        t=lambda zh, en: zh if language == "zh" else en, url=url, static=static, language=language
    )
    return environment


# One a language, so that `t` works in imported macros too, which see no context.
ENVIRONMENTS = {language: _environment(language) for language in LANGUAGES}
