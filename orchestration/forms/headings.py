"""What stands above a column wherever it is shown: in a command's list, a page, an edition's files.

What belongs here: reading forms/headings.yml, which says each once. What does not: the labels of
the forms' own columns, which are declared in forms/<year>/.
"""

from __future__ import annotations

from collections.abc import Iterable

from orchestration.forms.contract import read_yaml
from orchestration.ground.home import REPOSITORY
from orchestration.ground.text import Text

HEADINGS = {
    name: Text(**words) for name, words in read_yaml(REPOSITORY / "forms" / "headings.yml").items()
}


def headings(names: Iterable[str]) -> dict[str, Text]:
    """Return what stands above columns, in their order; `KeyError` for one that has no words."""
    return {name: HEADINGS[name] for name in names}
