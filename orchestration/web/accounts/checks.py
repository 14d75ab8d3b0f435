"""What an account may be called and made of.

What belongs here: looking at what an administrator typed. What does not: storing it (store.py),
passwords (passwords.py).
"""

from __future__ import annotations

import re
from typing import TypedDict

from orchestration.ground.home import Home, configured_cities
from orchestration.ground.text import NianbaoError
from orchestration.web.accounts.roles import ALL_CITIES, Role

# Actors of the ledger that are no persons: an account of that name could not be told from them.
RESERVED = {"annual_run", "gate", "intake", "nianbao", "school"}
_NAME = re.compile(r"[A-Za-z0-9_.-]{2,32}")
_LONGEST_DISPLAY_NAME = 64


class AccountRefused(NianbaoError):
    """What stands against a change or a sign-in; nothing was changed."""


def refused_sign_in() -> AccountRefused:
    """Return what is said of every sign-in that fails."""
    # One sentence for an unknown name, a wrong password and a locked account gives no name away.
    return AccountRefused(
        "用户名或密码不正确。连续输错 5 次，账号锁定 15 分钟。",
        "Wrong user name or password. Five failures in a row lock an account for 15 minutes.",
    )


class Facts(TypedDict):
    """What an administrator says of an account."""

    role: Role
    cities: list[str]
    display_name: str


def require_name(name: str) -> None:
    """Raise `AccountRefused` for a name that no account may have."""
    if not _NAME.fullmatch(name):
        raise AccountRefused(
            "用户名须为 2 至 32 个英文字母、数字、“_”“.”或“-”。",
            "A user name is 2 to 32 letters a-z, digits, '_', '.' or '-'.",
        )
    if name.lower() in RESERVED:
        raise AccountRefused(f"“{name}”为系统保留名称。", f"'{name}' is reserved.")


def checked_facts(home: Home, name: str, role: str, cities: list[str], display_name: str) -> Facts:
    """Return what is said of an account, as it is kept; `AccountRefused` says what is wrong."""
    if role not in set(Role):
        roles = ", ".join(Role)
        raise AccountRefused(
            f"没有角色“{role}”，现有：{roles}。", f"No role '{role}'; there are: {roles}."
        )
    display_name = display_name.strip() or name
    if len(display_name) > _LONGEST_DISPLAY_NAME or not display_name.isprintable():
        raise AccountRefused(
            f"姓名最多 {_LONGEST_DISPLAY_NAME} 个字，不含控制字符。",
            f"A display name has {_LONGEST_DISPLAY_NAME} characters at most, and no control "
            "characters.",
        )
    is_everywhere = role == Role.administrator or ALL_CITIES in cities
    checked = [ALL_CITIES] if is_everywhere else _checked_cities(home, cities)
    return {"role": Role(role), "cities": checked, "display_name": display_name}


def _checked_cities(home: Home, cities: list[str]) -> list[str]:
    known = configured_cities(home)
    unknown = ", ".join(city for city in cities if city not in known)
    if unknown:
        raise AccountRefused(f"没有城市“{unknown}”。", f"There is no city '{unknown}'.")
    if not cities:
        raise AccountRefused("请至少选择一个城市。", "Choose at least one city.")
    return sorted(set(cities))
