"""Passwords: hashing them, making one-time ones, and which a person may choose.

What belongs here: what is about a password alone. What does not: whose it is (store.py).
"""

from __future__ import annotations

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from orchestration.ground.text import Text

_MIN_LENGTH, _MAX_LENGTH = 10, 200
_ONE_TIME_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread on paper
_HASHER = PasswordHasher()
# One hash takes 64 MiB; a flood of sign-ins waits here and not in the machine's memory.
_HASHING = threading.BoundedSemaphore(2)


def hashed(password: str) -> str:
    """Return a password's argon2 hash."""
    with _HASHING:
        return _HASHER.hash(password)


def matches(password_hash: str, password: str) -> bool:
    """Return whether a password is the one of a hash."""
    with _HASHING:
        try:
            return _HASHER.verify(password_hash, password)
        except (Argon2Error, InvalidHashError):
            return False


def is_outdated(password_hash: str) -> bool:
    """Return whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def one_time_password() -> str:
    """Return a random password in four groups of four, easy to read out."""
    letters = [secrets.choice(_ONE_TIME_ALPHABET) for _ in range(16)]
    return "-".join("".join(letters[at : at + 4]) for at in range(0, 16, 4))


def objection(name: str, old: str, new: str) -> Text | None:
    """Return what stands against a new password of a user, or None."""
    if not _MIN_LENGTH <= len(new) <= _MAX_LENGTH:
        return Text(
            f"新密码须为 {_MIN_LENGTH} 至 {_MAX_LENGTH} 个字符。",
            f"A new password has {_MIN_LENGTH} to {_MAX_LENGTH} characters.",
        )
    if new.lower() == name.lower():
        return Text("新密码不能与用户名相同。", "The password must not be the user name.")
    if new == old:
        return Text(
            "新密码须与原密码不同。", "The new password has to differ from the present one."
        )
    return None
