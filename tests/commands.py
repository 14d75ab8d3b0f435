"""The `nianbao` command as a person types it: a process of its own, which need not import anew.

What a run imports takes a third of its time. A process that has imported it, and done nothing
else, forks for each command; what the command then does, writes and ends with is its own. Lines of
Python that are to be killed, or to do harm, run likewise.
"""

import multiprocessing
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import NamedTuple

from orchestration.ground.home import REPOSITORY

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(
    [
        *("orchestration.cli", "great_expectations", "dagster", "dagster_dbt", "dagster_duckdb"),
        *("dbt.cli.main", "dbt.adapters.duckdb", "docxtpl", "mammoth", "matplotlib.figure"),
        *("openpyxl", "xlsxwriter", "pysdmx", "rich.table", "python_calamine", "sqlalchemy"),
    ]
)


class Done(NamedTuple):
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


class Running:
    """A process that has begun; `done` waits for its end."""

    def __init__(self, target, arguments, home=None, env=None, cwd=REPOSITORY):
        environment = {**os.environ, **(env or {})}
        environment = {k: v for k, v in environment.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment.pop("NIANBAO_HOME", None)
        if home is not None:
            environment["NIANBAO_HOME"] = str(home)
        self._place = tempfile.TemporaryDirectory()
        self._files = [str(Path(self._place.name) / name) for name in ("stdout", "stderr")]
        arguments = [*map(str, arguments)]
        self._process = _PROCESSES.Process(
            target=_in_the_process, args=(target, arguments, environment, str(cwd), *self._files)
        )
        self._process.start()

    def done(self) -> Done:
        self._process.join()
        said = [Path(file).read_text(encoding="utf-8") for file in self._files]
        self._place.cleanup()
        return Done(self._process.exitcode, *said)


def nianbao(*arguments, home=None, env=None, cwd=REPOSITORY) -> Done:
    """Run the command with these arguments; `home` is the home that the environment names."""
    return Running(_command, arguments, home, env, cwd).done()


def python(code, *arguments) -> Running:
    """Begin to run some lines of Python, as `python -c` does."""
    return Running(_lines, (code, *arguments))


def _command(arguments):
    from orchestration.cli import app

    app(arguments)


def _lines(arguments):
    code, *rest = arguments
    sys.argv = ["-c", *rest]
    exec(code, {"__name__": "__main__"})


def _in_the_process(target, arguments, environment, folder, stdout, stderr):
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for path, stream in ((stdout, sys.stdout), (stderr, sys.stderr)):
        stream.flush()
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), stream.fileno())
    code = 0
    try:
        target(arguments)
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
