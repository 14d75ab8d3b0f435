"""A model's own SQL over tables that dbt did not build: frames, or those of an edition.

What belongs here: making such a model and what it reads as views of a connection. What does not:
what a model says (dbt_project/), and building the warehouse (dbt.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.warehouse.project import WRITTEN

if TYPE_CHECKING:
    import duckdb


def make_views(connection: duckdb.DuckDBPyConnection, *models: str, is_anew: bool = False) -> None:
    """Make views of models, and of those they read, over the tables that the connection has.

    What it has by a model's name already stays as it is; if `is_anew`, the models themselves are
    made over tables that take the place of those a view was built on. Only models without macros
    can be made: any other raises jinja2's `UndefinedError`.
    """
    rows = connection.execute(
        "select table_name from information_schema.tables "
        "where table_catalog in (current_database(), 'temp')"
    ).fetchall()
    known = {name for (name,) in rows}.difference(models if is_anew else ())
    for model in models:
        if model not in known:
            _make(connection, model, known)


def _make(connection: duckdb.DuckDBPyConnection, model: str, known: set[str]) -> None:
    from jinja2 import Environment, StrictUndefined

    def ref(name: str) -> str:
        if name not in known:
            _make(connection, name, known)
        return f'"{name}"'

    (path,) = (WRITTEN / "models").rglob(f"{model}.sql")
    template = Environment(undefined=StrictUndefined).from_string(path.read_text(encoding="utf-8"))
    connection.execute(f'create or replace temp view "{model}" as {template.render(ref=ref)}')
    known.add(model)
