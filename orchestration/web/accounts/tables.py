"""What is stored of accounts and sessions: the tables, and what a row of them is.

What belongs here: columns. What does not: who may write them, and when (store.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, MetaData, String, Table, Text
from sqlalchemy.engine import RowMapping

METADATA = MetaData()
USERS = Table(
    "users",
    METADATA,
    Column("name", String(32, collation="NOCASE"), primary_key=True),
    Column("display_name", String(64), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("cities", JSON, nullable=False),
    Column("is_disabled", Boolean, nullable=False, default=False),
    Column("must_change_password", Boolean, nullable=False, default=True),
    Column("failures", Integer, nullable=False, default=0),
    Column("locked_until", Integer),
)
SESSIONS = Table(
    "sessions",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    Column("name", ForeignKey("users.name"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("language", String(2), nullable=False),
    Column("notice", JSON(none_as_null=True)),
    Column("created_at", Integer, nullable=False),
    Column("seen_at", Integer, nullable=False),
)


@dataclass(frozen=True)
class Account:
    """One person who may sign in; `cities` are names, or `*` alone for all of them."""

    name: str
    display_name: str
    role: str
    cities: tuple[str, ...]
    is_disabled: bool
    must_change_password: bool
    is_locked: bool


class Notice(NamedTuple):
    """What a page says of an act; a link with its own words follows where there is `href`."""

    zh: str
    en: str
    href: str = ""
    link_zh: str = ""
    link_en: str = ""


@dataclass(frozen=True)
class Session:
    """One signed-in browser; its next page shows the notice once."""

    account: Account
    csrf: str
    language: str
    notice: Notice | None


def account_of(row: RowMapping, now: float) -> Account:
    """Return the account of a row of users, as it is at a moment."""
    return Account(
        name=row["name"],
        display_name=row["display_name"],
        role=row["role"],
        cities=tuple(row["cities"]),
        is_disabled=row["is_disabled"],
        must_change_password=row["must_change_password"],
        is_locked=(row["locked_until"] or 0) > now,
    )
