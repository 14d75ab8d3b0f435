"""One process at a time changes what is published; others wait.

What belongs here: the lock. What does not: what is done under it.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator

from orchestration.ground.home import Home


@contextlib.contextmanager
def lock(home: Home) -> Iterator[None]:
    """Hold the home's lock; the process that dies lets it go."""
    home.published.mkdir(parents=True, exist_ok=True)
    with (home.published / ".publishing").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def lock_if_free(home: Home) -> Iterator[bool]:
    """Hold the home's lock where nobody does; say whether it is held, without waiting."""
    home.published.mkdir(parents=True, exist_ok=True)
    with (home.published / ".publishing").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
