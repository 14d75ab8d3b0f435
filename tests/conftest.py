import shutil
import time
from pathlib import Path

import pytest
from commands import nianbao
from shared import made_once

TESTS = Path(__file__).parent

# What takes longest begins first, so that no process is left alone with it at the end; while one
# makes what all of the editions' tests look at, the other has the pipeline's.
_ORDER = (
    *("editions/test_rebuild", "pipeline", "browser", "editions", "dbt", "corpus"),
    *("review", "gate"),
)


def pytest_collection_modifyitems(items):
    """Put the files of tests in the order in which processes take them up."""

    def place(item):
        path = item.path.relative_to(TESTS).as_posix()
        return next((n for n, name in enumerate(_ORDER) if path.startswith(name)), len(_ORDER))

    items.sort(key=place)


class Deployment:
    """A home in a temporary folder, and the command used on it as a person would."""

    def __init__(self, root):
        self.root = root

    def nianbao(self, *arguments, expect=0):
        done = nianbao(*arguments, home=self.root)
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
def healthy(tmp_path_factory):
    """A deployment after its first run on the healthy samples; tests only look at it.

    What the run said is in its file `said.txt`.
    """

    def make(folder):
        deployment = Deployment(folder / "home")
        deployment.nianbao("init")
        deployment.nianbao("sample")
        (folder / "said.txt").write_text(deployment.run(), encoding="utf-8")

    return Deployment(made_once(tmp_path_factory, "healthy", make) / "home")


@pytest.fixture(scope="module")
def ran(deployment, healthy):
    """A copy of `healthy`, which the tests of a module may change."""
    shutil.copytree(healthy.root, deployment.root, symlinks=True)
    return deployment


@pytest.fixture(scope="session")
def story(tmp_path_factory):
    """Two published years of a city: v1 provisional, v2 final, v3 provisional, v4 revised."""
    from story import tell, told

    with told(made_once(tmp_path_factory, "story", tell)) as published:
        yield published
