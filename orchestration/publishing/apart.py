"""Editions' folders written in processes of their own, several at once.

What belongs here: beginning such a process, and what its end says. What does not: what it writes
(folder.py), and when an edition is made (publish.py).
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
import traceback
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path

from orchestration.ground.text import NianbaoError, Text
from orchestration.publishing.folder import discard, write_folder
from orchestration.publishing.manuscript import Manuscript

log = logging.getLogger(__name__)
# Each process is forked from one that has imported this, and done nothing else.
_PROCESSES = multiprocessing.get_context("forkserver")
_IMPORTED = [
    *(__name__, "docxtpl", "lxml.html", "mammoth", "matplotlib.backends.backend_agg"),
    *("matplotlib.font_manager", "orchestration.report.page", "pysdmx.io", "xlsxwriter"),
]


class NotWritten(NianbaoError):
    """An edition's folder did not come about; nothing of it is left."""


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


def get_ready() -> None:
    """Begin to import, in a process of its own, what writing an edition takes."""
    _PROCESSES.set_forkserver_preload(_IMPORTED)
    forkserver.ensure_running()


def write_apart(folder: Path, manuscript: Manuscript) -> Path:
    """Do what `write_folder` does, in a process of its own.

    Raises `NotWritten` with the reason where it fails or is killed.
    """
    ours, theirs = _PROCESSES.Pipe(duplex=False)
    process = _PROCESSES.Process(target=_write, args=(theirs, folder, manuscript), daemon=True)
    process.start()
    theirs.close()
    try:
        failure: Text | None = ours.recv()
    except EOFError:
        process.join()
        failure = _killed(process.exitcode)
    process.join()
    if failure is not None:
        discard(folder)
        imprint = manuscript.imprint
        edition = f"{imprint.city} {imprint.year} v{imprint.edition}"
        raise NotWritten(failure.zh, failure.en, edition)
    return folder


def _write(told: Connection, folder: Path, manuscript: Manuscript) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    failure = None
    try:
        write_folder(folder, manuscript)
    except Exception as error:
        failure = why_not(error)
    told.send(failure)


def why_not(error: Exception) -> Text:
    """Return what stopped an edition; of an error that is none of ours, the log has it all."""
    if isinstance(error, NianbaoError):
        return error.text
    log.error("%s", "".join(traceback.format_exception(error)))
    said = f"{type(error).__name__}: {error}"
    return Text(f"写出版次时出错：{said}", f"Writing the edition failed: {said}")


def _killed(code: int | None) -> Text:
    return Text(
        f"写出版次的进程中途终止（{code}）。",
        f"The process that wrote the edition was ended before it was done ({code}).",
    )


def _end_with_parent() -> None:
    """End at once where the run is killed: the next one writes the same folder."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
