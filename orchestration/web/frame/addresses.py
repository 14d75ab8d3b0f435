"""Addresses of this site: made of segments, changed by a parameter, told from those of others.

What belongs here: text that stands in a link or a redirect. What does not: who may open it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from starlette.datastructures import URL
from starlette.requests import Request

# No second slash or backslash first, and nothing that a browser strips before it looks: either
# would make the rest a host.
_SAME_SITE = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def url(*parts: Any, **params: Any) -> str:
    """Return an address of this site: `url(2024, "庆阳", page=2)` is `/2024/%E5…?page=2`.

    Every part is one segment, whatever is in it. A parameter that is None or empty is left out; a
    list is repeated.
    """
    if any(str(part) in {".", "..", ""} for part in parts):
        raise ValueError(f"not a segment of an address: {parts}")
    path = "/" + "/".join(quote(str(part), safe="") for part in parts)
    return str(URL(path).replace(query=urlencode(_given(params), doseq=True)))


def here(request: Request) -> Callable[..., str]:
    """Return a function that gives the page's own address with some parameters changed.

    `here(page=2)` keeps the other parameters, `here(rule=None)` drops one.
    """
    # Not `request.url`: it opens with the host, and it raises for a query that is no UTF-8.
    path = "/" + quote(request.scope["path"].lstrip("/"))
    own = URL(path).replace(query=str(request.query_params))

    def changed(**params: Any) -> str:
        return str(own.remove_query_params(list(params)).include_query_params(**_given(params)))

    return changed


def _given(params: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in params.items() if value not in (None, "", [])}


def same_site_path(text: str) -> str:
    """Return a path of this site as it is, and `/` for anything else."""
    return text if _SAME_SITE.fullmatch(text) else "/"


def came_from(request: Request) -> str:
    """Return the path of the page that a request came from, `/` if it is not known or not ours."""
    parts = urlsplit(request.headers.get("referer", ""))
    if parts.netloc != request.headers.get("host"):
        return "/"
    return same_site_path(parts.path + (f"?{parts.query}" if parts.query else ""))
