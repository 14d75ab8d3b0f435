"""What a home sets for itself in `settings.yml`: its time zone.

What belongs here: reading and refusing that file. What does not: what a city says of itself
(cities/), and secrets, which come from the environment.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from orchestration.ground.clock import CHINA
from orchestration.ground.home import Home
from orchestration.ground.text import NianbaoError


class BadSettings(NianbaoError):
    """settings.yml says something that is not understood."""


@dataclass(frozen=True)
class Settings:
    """What a home may set; everything has a default.

    `time_zone` is the zone whose days count: for deadlines, release times, what pages show.
    """

    time_zone: ZoneInfo = CHINA


def settings(home: Home) -> Settings:
    """Return a home's settings; `BadSettings` names the line of settings.yml that is wrong."""
    path = home.settings
    return _read(path, path.stat().st_mtime_ns) if path.exists() else Settings()


def zone_of(home: Home) -> ZoneInfo:
    """Return the zone that a home's people live in."""
    return settings(home).time_zone


@lru_cache(maxsize=8)
def _read(path: Path, _: int) -> Settings:
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadSettings(f"不是可读的 YAML：{error}", f"Not YAML: {error}", str(path)) from error
    known = {field.name for field in fields(Settings)}
    if not isinstance(given, dict) or set(given) - known:
        names = "、".join(sorted(known))
        raise BadSettings(
            f"只能有这些键：{names}。", f"Only these keys may stand here: {names}.", str(path)
        )
    return Settings(**{name: _READERS[name](path, value) for name, value in given.items()})


def _zone(path: Path, value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadSettings(
            f"没有时区“{value}”，应写作 Asia/Shanghai。",
            f"No time zone '{value}'; write it as Asia/Shanghai.",
            f"{path} time_zone",
        ) from error


_READERS = {"time_zone": _zone}
