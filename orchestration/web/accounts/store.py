"""Who may use the web app: accounts, passwords and sessions, in a SQLite file of their own.

What belongs here: how accounts and sessions come, change and end. What does not: their columns
(tables.py), what an account may be made of (checks.py), cookies and pages (web/frame/visitor.py,
web/entry/sign_in.py). Sessions are kept here and not in a signed cookie: one that is signed out, or
whose account is disabled, has to end at once. Each change is an event in the ledger,
written before the change is committed, so that nothing changes without one; no event holds a
secret.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import secrets
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import case, create_engine, delete, func, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from orchestration.ground import clock
from orchestration.ground.home import Home
from orchestration.ground.ledger import open_ledger
from orchestration.ground.text import Language
from orchestration.web.accounts import checks, passwords
from orchestration.web.accounts.checks import AccountRefused
from orchestration.web.accounts.roles import ALL_CITIES, Role
from orchestration.web.accounts.tables import (
    METADATA,
    SESSIONS,
    USERS,
    Account,
    Notice,
    Session,
    account_of,
)

FIRST_NAME = "admin"
MAX_FAILURES = 5
LOCKED_SECONDS = 15 * 60
SESSION_SECONDS = 12 * 3600
IDLE_SECONDS = 3600
_SEEN_EVERY_SECONDS = 60  # a session's last use is written at most this often


def _seconds() -> float:
    return clock.now().timestamp()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def command_actor() -> str:
    """Return who uses the command line, as the ledger names it; no account's name has a colon."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = str(os.getuid())
    return f"command:{user}"[:64]


class Accounts:
    """The accounts and sessions of one home."""

    def __init__(self, home: Home, clock: Callable[[], float] = _seconds) -> None:
        """Open or make the home's accounts; `clock` tells seconds since 1970."""
        self._home, self._clock = home, clock
        home.accounts.touch(mode=0o600)
        self._engine = create_engine(f"sqlite:///{home.accounts}")
        METADATA.create_all(self._engine)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def all(self) -> list[Account]:
        """Return every account, by name."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(USERS).order_by(USERS.c.name)).mappings()
            return [account_of(row, self._clock()) for row in rows]

    def make_first(self, actor: str) -> str | None:
        """Make the first administrator if there is none; return the one-time password."""
        there = (USERS.c.role == Role.administrator) | (USERS.c.name == FIRST_NAME)
        with self._engine.connect() as connection:
            if connection.scalar(select(func.count()).where(there)):
                return None
        return self.add(FIRST_NAME, Role.administrator, [ALL_CITIES], actor)

    def add(
        self, name: str, role: str, cities: list[str], actor: str, display_name: str = ""
    ) -> str:
        """Add an account; return its one-time password, which has to be changed at once."""
        checks.require_name(name)
        facts = checks.checked_facts(self._home, name, role, cities, display_name)
        password = passwords.one_time_password()
        values = {"name": name, "password_hash": passwords.hashed(password), **facts}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(USERS), values)
                self._tell("account_created", actor, {"account": name, **facts})
        except IntegrityError:
            raise AccountRefused(
                f"已有用户“{name}”（不分大小写）。",
                f"There is a user '{name}' already (in upper or lower case).",
            ) from None
        return password

    def change(
        self, name: str, role: str, cities: list[str], actor: str, display_name: str = ""
    ) -> None:
        """Give an account another role, other cities or another display name."""
        facts = checks.checked_facts(self._home, name, role, cities, display_name)
        self._update(name, facts, actor)

    def disable(self, name: str, actor: str) -> None:
        """Shut an account out, and end its sessions at once."""
        self._update(name, {"is_disabled": True}, actor)

    def enable(self, name: str, actor: str) -> None:
        """Let an account in again, with its password."""
        self._update(name, {"is_disabled": False}, actor)

    def reset_password(self, name: str, actor: str) -> str:
        """Return a new one-time password; end the account's sessions and its lock."""
        password = passwords.one_time_password()
        values = {"password_hash": passwords.hashed(password), "must_change_password": True}
        with self._engine.begin() as connection:
            self._must_exist(connection, name)
            self._set(connection, name, values | {"failures": 0, "locked_until": None})
            connection.execute(delete(SESSIONS).where(SESSIONS.c.name == name))
            self._tell("password_changed", actor, {"account": name, "is_reset": True})
        return password

    def _update(self, name: str, facts: Mapping[str, Any], actor: str) -> None:
        with self._engine.begin() as connection:
            self._set(connection, name, facts)
            self._must_exist(connection, name)
            enabled = select(func.count()).where(~USERS.c.is_disabled)
            if not connection.scalar(enabled.where(USERS.c.role == Role.administrator)):
                raise AccountRefused(
                    "至少要有一名可用的管理员。", "One enabled administrator has to remain."
                )
            if facts.get("is_disabled"):
                connection.execute(delete(SESSIONS).where(SESSIONS.c.name == name))
            self._tell("account_changed", actor, {"account": name, **facts})

    def change_password(self, token: str, old: str, new: str) -> None:
        """Change the password of a session's account, and end its other sessions."""
        session = self.session(token)
        if session is None:
            raise checks.refused_sign_in()
        name = session.account.name
        self._verify(name, old)
        against = passwords.objection(name, old, new)
        if against:
            raise AccountRefused(against.zh, against.en)
        values = {"password_hash": passwords.hashed(new), "must_change_password": False}
        others = delete(SESSIONS).where(
            SESSIONS.c.name == name, SESSIONS.c.token_hash != _digest(token)
        )
        with self._engine.begin() as connection:
            self._set(connection, name, values)
            connection.execute(others)
            self._tell("password_changed", name, {"account": name, "is_reset": False})

    def _verify(self, name: str, password: str) -> Account:
        """Return the account of a right password; count a wrong one, and lock after the fifth.

        The attempt is counted before the password is looked at, so that guesses sent at the same
        time cannot outrun the count.
        """
        now = int(self._clock())
        user = USERS.c.name == name
        reset: dict[str, Any] = {"failures": 0, "locked_until": None}
        is_last = USERS.c.failures + 1 >= MAX_FAILURES
        lock = case((is_last, now + LOCKED_SECONDS), else_=None)
        count = {"failures": USERS.c.failures + 1, "locked_until": lock}
        with self._engine.begin() as connection:
            connection.execute(
                update(USERS).where(user, USERS.c.locked_until <= now).values(**reset)
            )
            may_try = connection.execute(
                update(USERS).where(user, USERS.c.failures < MAX_FAILURES).values(**count)
            ).rowcount
            row = connection.execute(select(USERS).where(user)).mappings().first()
        # An unknown name costs the same time as a known one.
        known = row["password_hash"] if row and may_try else self._nobody
        is_right = passwords.matches(known, password)
        if row is None or not may_try or not is_right:
            if row and may_try and row["failures"] >= MAX_FAILURES:
                until = row["locked_until"]
                self._tell("account_locked", row["name"], {"account": row["name"], "until": until})
            raise checks.refused_sign_in()
        if passwords.is_outdated(row["password_hash"]):
            reset["password_hash"] = passwords.hashed(password)
        # A password that was reset meanwhile is right no longer, and must not be written over.
        same = USERS.c.password_hash == row["password_hash"]
        with self._engine.begin() as connection:
            if not connection.execute(update(USERS).where(user, same).values(**reset)).rowcount:
                raise checks.refused_sign_in()
        return account_of(row, self._clock())

    @cached_property
    def _nobody(self) -> str:
        return passwords.hashed(secrets.token_urlsafe())

    def sign_in(self, name: str, password: str, language: str) -> str:
        """Begin a session; return its token, of which only the hash is kept."""
        account = self._verify(name, password)
        if account.is_disabled:
            raise AccountRefused(
                "账号已停用，请联系管理员。", "This account is disabled; ask an administrator."
            )
        token, now = secrets.token_urlsafe(32), int(self._clock())
        session = {
            "token_hash": _digest(token),
            "name": account.name,
            "csrf": secrets.token_urlsafe(32),
            "language": language,
            "created_at": now,
            "seen_at": now,
        }
        with self._engine.begin() as connection:
            connection.execute(delete(SESSIONS).where(~self._is_alive(now)))
            connection.execute(insert(SESSIONS), session)
            self._tell("signed_in", account.name, {"account": account.name})
        return token

    def session(self, token: str) -> Session | None:
        """Return the session of a token, if it has not ended, and note that it is in use."""
        now = int(self._clock())
        columns = SESSIONS.c["csrf", "language", "notice", "seen_at"]
        found = (
            select(USERS, *columns)
            .join_from(SESSIONS, USERS)
            .where(
                SESSIONS.c.token_hash == _digest(token),
                self._is_alive(now),
                ~USERS.c.is_disabled,
            )
        )
        with self._engine.connect() as connection:
            row = connection.execute(found).mappings().first()
        if row is None:
            return None
        if row["seen_at"] <= now - _SEEN_EVERY_SECONDS:
            self._set_session(token, {"seen_at": now})
        notice = Notice(*row["notice"]) if row["notice"] else None
        language = Language(row["language"])
        return Session(account_of(row, self._clock()), row["csrf"], language, notice)

    def sign_out(self, token: str) -> None:
        """End a session."""
        session = self.session(token)
        with self._engine.begin() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.token_hash == _digest(token)))
            if session is not None:
                name = session.account.name
                self._tell("signed_out", name, {"account": name})

    def set_language(self, token: str, language: str) -> None:
        """Remember a session's language."""
        self._set_session(token, {"language": language})

    def set_notice(self, token: str, notice: Notice | None) -> None:
        """Leave a notice for the session's next page, or take it away."""
        self._set_session(token, {"notice": notice})

    @staticmethod
    def _is_alive(now: int) -> Any:
        return (SESSIONS.c.created_at > now - SESSION_SECONDS) & (
            SESSIONS.c.seen_at > now - IDLE_SECONDS
        )

    @staticmethod
    def _must_exist(connection: Connection, name: str) -> None:
        if not connection.scalar(select(func.count()).where(USERS.c.name == name)):
            raise AccountRefused(f"没有用户“{name}”。", f"There is no user '{name}'.")

    @staticmethod
    def _set(connection: Connection, name: str, values: Mapping[str, Any]) -> None:
        connection.execute(update(USERS).where(USERS.c.name == name).values(**values))

    def _set_session(self, token: str, values: Mapping[str, Any]) -> None:
        this = SESSIONS.c.token_hash == _digest(token)
        with self._engine.begin() as connection:
            connection.execute(update(SESSIONS).where(this).values(**values))

    def _tell(self, kind: str, actor: str, payload: dict[str, Any]) -> None:
        with open_ledger(self._home) as ledger:
            ledger.append(kind, payload, actor)
