"""Where our log lines go: one configuration for the command, the pages and Dagster's runs.

What belongs here: the file in the home, what the terminal shows of it, how a line looks. What does
not: what is said; every module says it through `logging.getLogger(__name__)`.
"""

from __future__ import annotations

import logging
import time
from logging.handlers import RotatingFileHandler, WatchedFileHandler

from orchestration.ground.home import Home

OURS = "orchestration"
# Children of this logger are shown on the terminal while a run is going on.
PROGRESS = f"{OURS}.progress"
_MEGABYTE = 2**20
_installed: list[tuple[logging.Logger, logging.Handler]] = []


class _SharedFile(RotatingFileHandler, WatchedFileHandler):
    """A rotating file that several processes write; one that another has rotated is opened anew."""

    def __init__(self, home: Home) -> None:
        RotatingFileHandler.__init__(
            self, home.log, maxBytes=5 * _MEGABYTE, backupCount=5, encoding="utf-8", delay=True
        )
        self.home, self.dev, self.ino = home, -1, -1
        form = logging.Formatter("%(asctime)s %(levelname)s %(process)d %(name)s %(message)s")
        form.converter, form.default_time_format = time.gmtime, "%Y-%m-%dT%H:%M:%S"
        form.default_msec_format = "%s.%03dZ"
        self.setFormatter(form)
        self.addFilter(lambda record: record.name.startswith(OURS) or record.levelno > logging.INFO)

    def emit(self, record: logging.LogRecord) -> None:
        if not self.home.root.is_dir():
            return  # A home that was named by mistake is not made by a log.
        self.home.logs.mkdir(exist_ok=True)
        if self.stream:
            self.reopenIfNeeded()
        super().emit(record)


class _Printed(logging.Handler):
    """What a person watches go by, on the terminal's standard output."""

    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record), flush=True)


def configure(home: Home) -> None:
    """Send everything to the home's log, and what is wrong to the terminal as well.

    Ours from INFO on, of the libraries what they warn of. Called again, it moves to another home.
    """
    release()
    shown = logging.StreamHandler()
    shown.setLevel(logging.WARNING)
    _install(logging.getLogger(), _SharedFile(home))
    for name in (OURS, "uvicorn"):
        _install(logging.getLogger(name), shown)
    _install(logging.getLogger(PROGRESS), _Printed())
    logging.getLogger(OURS).setLevel(logging.INFO)


def release() -> None:
    """Undo `configure`."""
    while _installed:
        logger, handler = _installed.pop()
        logger.removeHandler(handler)
        handler.close()


def _install(logger: logging.Logger, handler: logging.Handler) -> None:
    logger.addHandler(handler)
    _installed.append((logger, handler))
