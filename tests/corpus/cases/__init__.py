"""The cases of the corpus: a module a kind of mess, each with a list `CASES`."""

from importlib import import_module
from pkgutil import iter_modules

from truth import Case


def all_cases() -> list[Case]:
    """Return every case of every module, in the modules' order."""
    names = sorted(module.name for module in iter_modules(__path__))
    return [case for name in names for case in import_module(f"cases.{name}").CASES]
