"""What time it is, and which day a moment is in.

What belongs here: reading the machine's clock, which nobody else does, and turning a stored moment
(UTC, ISO text) into a day or a time of the zone that people live in. What does not: deadlines,
release times and whatever else follows from the time.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from orchestration.ground.text import Text

CHINA = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return this moment, in UTC and to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def seconds() -> float:
    """Return this moment as file systems date files: seconds since 1970, with their fractions."""
    return time.time()


def stamp() -> str:
    """Return this moment as it is stored: ISO text in UTC."""
    return now().isoformat()


def today(zone: ZoneInfo = CHINA) -> date:
    """Return the day that it is in a zone."""
    return now().astimezone(zone).date()


def moment(stored: str | float, zone: ZoneInfo = CHINA) -> datetime:
    """Return a stored moment in a zone's time: ISO text, or seconds since 1970.

    Text without a zone is UTC.
    """
    if not isinstance(stored, str):
        return datetime.fromtimestamp(stored, zone)
    at = datetime.fromisoformat(stored)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone)


def day(stored: str | float, zone: ZoneInfo = CHINA) -> date:
    """Return the day that a stored moment is in, in a zone."""
    return moment(stored, zone).date()


def zone_name(zone: ZoneInfo = CHINA) -> Text:
    """Return what people call a zone's time: 北京时间, Beijing."""
    return Text("北京时间", "Beijing") if zone == CHINA else Text(zone.key, zone.key)


def shown(stored: str | float, zone: ZoneInfo = CHINA) -> str:
    """Return a stored moment as people read it: 2025-03-01 09:00, in a zone's time."""
    return f"{moment(stored, zone):%Y-%m-%d %H:%M}"
