"""What is stored of accounts and sessions: the tables, and what a row of them is.

What belongs here: columns. What does not: who may write them, and when (store.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy
from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, MetaData, String, Table
from sqlalchemy.engine import RowMapping

from orchestration.ground.text import Language, Term, Text
from orchestration.web.accounts.roles import Role

METADATA = MetaData()
USERS = Table(
    "users",
    METADATA,
    Column("name", String(32, collation="NOCASE"), primary_key=True),
    Column("display_name", String(64), nullable=False),
    Column("password_hash", sqlalchemy.Text, nullable=False),
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


class AccountState(Term):
    """Whether a person can sign in with an account, and what keeps them from it."""

    enabled = "enabled", "可用", "enabled"
    disabled = "disabled", "已停用", "disabled"
    locked = "locked", "已锁定", "locked"
    password_due = "password_due", "待改密码", "password to be changed"


@dataclass(frozen=True)
class Account:
    """One person who may sign in; `cities` are names, or `*` alone for all of them."""

    name: str
    display_name: str
    role: Role
    cities: tuple[str, ...]
    is_disabled: bool
    must_change_password: bool
    is_locked: bool

    @property
    def states(self) -> list[AccountState]:
        """Return everything that keeps it from signing in, or that nothing does."""
        hindrances = {
            AccountState.disabled: self.is_disabled,
            AccountState.locked: self.is_locked,
            AccountState.password_due: self.must_change_password,
        }
        return [state for state, holds in hindrances.items() if holds] or [AccountState.enabled]


class Notice(NamedTuple):
    """What a page says of an act; a link with its own words follows where there is `href`."""

    zh: str
    en: str
    href: str = ""
    link_zh: str = ""
    link_en: str = ""

    @property
    def text(self) -> Text:
        """The sentence, in both languages."""
        return Text(self.zh, self.en)

    @property
    def link(self) -> Text:
        """The words of the link, in both languages."""
        return Text(self.link_zh, self.link_en)


@dataclass(frozen=True)
class Session:
    """One signed-in browser; its next page shows the notice once."""

    account: Account
    csrf: str
    language: Language
    notice: Notice | None


def account_of(row: RowMapping, now: float) -> Account:
    """Return the account of a row of users, as it is at a moment."""
    return Account(
        name=row["name"],
        display_name=row["display_name"],
        role=Role(row["role"]),
        cities=tuple(row["cities"]),
        is_disabled=row["is_disabled"],
        must_change_password=row["must_change_password"],
        is_locked=(row["locked_until"] or 0) > now,
    )
