"""What a home sets for itself in `settings.yml`: its time zone, the server that its mail leaves by.

What belongs here: reading and refusing that file. What does not: what a city says of itself
(cities/), and secrets, which come from the environment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from orchestration.ground.clock import CHINA
from orchestration.ground.home import Home
from orchestration.ground.text import NianbaoError, Term


class BadSettings(NianbaoError):
    """settings.yml says something that is not understood."""


class Encryption(Term):
    """How the way to a mail server is secured."""

    starttls = "starttls", "先连接后加密", "encrypted after connecting"
    implicit = "implicit", "全程加密", "encrypted from the start"
    none = "none", "不加密", "not encrypted"


_PORTS = {Encryption.starttls: 587, Encryption.implicit: 465, Encryption.none: 25}


@dataclass(frozen=True)
class Mail:
    """The server that alerts leave by, and who gets them.

    `password_from` names the environment variable that holds the password; without it nobody signs
    in. `user` is the sender where it is not given, `port` the usual one of its encryption.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    host: str
    sender: str
    recipients: tuple[str, ...]
    port: int | None = None
    tls: Encryption = Encryption.starttls
    user: str = ""
    password_from: str = ""

    @property
    def place(self) -> tuple[str, int]:
        """Host and port."""
        return self.host, self.port or _PORTS[self.tls]


@dataclass(frozen=True)
class Settings:
    """What a home may set; everything has a default.

    `time_zone` is the zone whose days count: for deadlines, release times, what pages show. `mail`
    is how alerts reach people who look at no page. `pre_release_readers` are the accounts that may
    see a signed edition before its release, beside the approvers.
    """

    time_zone: ZoneInfo = CHINA
    mail: Mail | None = None
    pre_release_readers: tuple[str, ...] = ()


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


def _mail(path: Path, value: Any) -> Mail:
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Mail).validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        known, where = "、".join(field.name for field in fields(Mail)), (*("mail",), *first["loc"])
        raise BadSettings(
            f"不能是“{first['input']}”。邮件的键：{known}；tls 为 {'、'.join(Encryption)} 之一。",
            f"Cannot be '{first['input']}' ({first['msg']}). Mail's keys: {known}.",
            f"{path} {'.'.join(map(str, where))}",
        ) from error


def _names(path: Path, value: Any) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return tuple(value)
    raise BadSettings(
        "须是账号名称的列表。", "A list of names of accounts.", f"{path} pre_release_readers"
    )


_READERS: dict[str, Callable[[Path, Any], Any]] = {
    "time_zone": _zone,
    "mail": _mail,
    "pre_release_readers": _names,
}
