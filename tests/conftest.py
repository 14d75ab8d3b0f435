import os
import subprocess
import sys
import time

import pytest

from orchestration.ground.home import REPOSITORY


class Deployment:
    """A home in a temporary folder, and the command used on it as a person would."""

    def __init__(self, root):
        self.root = root

    def nianbao(self, *arguments, expect=0):
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        done = subprocess.run(
            [sys.executable, "-m", "orchestration.cli", *arguments],
            cwd=REPOSITORY,
            env={**environment, "NIANBAO_HOME": str(self.root)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == expect, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def settle(self):
        """Wait until intake no longer takes the newest file for one that is still being copied."""
        time.sleep(2.5)

    def run(self, expect=0):
        self.settle()
        return self.nianbao("run", "--year", "2024", expect=expect)


@pytest.fixture(scope="module")
def deployment(tmp_path_factory):
    return Deployment(tmp_path_factory.mktemp("pipeline") / "home")


@pytest.fixture(scope="session")
def story(tmp_path_factory):
    """Two published years of a city: v1 provisional, v2 final, v3 provisional, v4 revised."""
    from story import told

    with told(tmp_path_factory.mktemp("editions")) as published:
        yield published
