"""The dbt project as a home has it: what is written in dbt_project/, and what is made beside it.

What belongs here: putting the two together in the home's build folder, so that dbt, and a person
with dbt, finds one whole project there. What does not: entering dbt (dbt.py), and the text of the
files that are made from the forms (forms/staging.py).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path, PurePosixPath

import yaml

from orchestration.forms import staging
from orchestration.forms.contract import SCHEMA_YEAR, Form, load_form, read_yaml
from orchestration.ground.files import write_text
from orchestration.ground.home import REPOSITORY, Home
from orchestration.ground.settings import zone_of

WRITTEN = REPOSITORY / "dbt_project"
_FORMS = REPOSITORY / "forms"
_LINKED = ("models", "macros", "seeds", "tests", "profiles.yml")
_SETTINGS = "dbt_project.yml"


def assemble(home: Home) -> Path:
    """Make the home's dbt project anew from what is written and what is declared; return it.

    What is written is linked, what is made stands under `generated/`; a file that nothing declares
    any more is gone afterwards.
    """
    project = home.dbt_project
    project.mkdir(parents=True, exist_ok=True)
    for name in _LINKED:
        _link(project / name, WRITTEN / name)
    _keep(project / _SETTINGS, _settings(home))
    made = {project / "generated" / path: text for path, text in generated_files().items()}
    for path in (project / "generated").rglob("*.*"):
        if path.is_file() and path not in made:
            path.unlink()
    for path, text in made.items():
        _keep(path, text)
    return project


def generated_files() -> dict[PurePosixPath, str]:
    """Return every file that is made, by its path under `generated/`."""
    form = load_form(SCHEMA_YEAR, [_FORMS])
    facts = PurePosixPath("macros/declared_facts.sql")
    return {**staging.generated_files(form), facts: _names_macros(form)}


def fingerprint(home: Home) -> str:
    """Return what tells the files that a project is made of, and their reader, from any others."""
    files = sorted(
        path for folder in (WRITTEN, _FORMS) for path in folder.rglob("*") if path.is_file()
    )
    code = (Path(staging.__file__), Path(__file__))
    known = [(str(f), f.stat().st_size, f.stat().st_mtime_ns) for f in (*files, *code)]
    made_by = [version(name) for name in ("dbt-core", "dbt-duckdb")]
    return hashlib.sha256(repr((known, made_by, _settings(home))).encode()).hexdigest()


def semantic_documents() -> Iterator[dict]:
    """Yield each YAML file of the project that declares semantic models."""
    for path in sorted((WRITTEN / "models").rglob("*.yml")):
        document = read_yaml(path)
        if document.get("semantic_models"):
            yield document


def _names_macros(form: Form) -> str:
    """Return the macros that name the tables of all semantic models, and the sheets of many rows.

    dbt knows what a model reads from its text, before there is a graph to ask.
    """
    facts = sorted(
        model["model"].split("'")[1]
        for document in semantic_documents()
        for model in document["semantic_models"]
    )
    sheets = sorted(table.id for table in form.tables.values() if table.kind == "rows")
    named = {"declared_facts": facts, "declared_sheets_of_rows": sheets}
    return "{#- Made from the semantic models and the form at each parsing. -#}\n" + "".join(
        f"{{%- macro {name}() -%}}\n    {{{{ return({names}) }}}}\n{{%- endmacro -%}}\n"
        for name, names in named.items()
    )


def _settings(home: Home) -> str:
    """Return dbt_project.yml with what the home says of itself."""
    settings = read_yaml(WRITTEN / _SETTINGS)
    settings["vars"]["time_zone"] = zone_of(home).key
    return yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)


def _link(place: Path, target: Path) -> None:
    if place.is_symlink() and place.readlink() == target:
        return
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    beside.symlink_to(target)
    if place.is_dir() and not place.is_symlink():
        # A home that was copied with its links followed.
        shutil.rmtree(place)
    beside.replace(place)


def _keep(path: Path, text: str) -> None:
    """Write a file, unless it says so already: dbt and its caches go by times of change."""
    with contextlib.suppress(FileNotFoundError):
        if path.read_text(encoding="utf-8") == text:
            return
    write_text(path, text)
