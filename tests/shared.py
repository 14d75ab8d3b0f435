"""Folders that many tests look at, made once whatever number of processes runs the tests."""

import os
import shutil

from filelock import FileLock


def made_once(tmp_path_factory, name, make):
    """Return a folder that `make(folder)` has filled; who comes second waits for the first."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder, is_made = base / f"shared_{name}", base / f"shared_{name}.made"
    with FileLock(base / f"shared_{name}.lock"):
        if not is_made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            is_made.touch()
    return folder
