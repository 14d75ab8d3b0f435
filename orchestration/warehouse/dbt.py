"""The build warehouse: dbt is entered here, in this process, and nowhere else.

What belongs here: parsing, building and documenting the dbt project, reading finished tables. What
does not: what the models compute (dbt_project/) and who runs them when (line/assets.py). dbt is
imported inside the functions, because importing it costs seconds.
"""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.ground.files import write_text
from orchestration.ground.home import ENVIRONMENT_VARIABLE, REPOSITORY, Home
from orchestration.ground.text import NianbaoError
from orchestration.warehouse import project

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

log = logging.getLogger(__name__)
# What a run builds before the submission gate reads it, and what it builds of the verdicts.
BEFORE_GATE, AFTER_GATE = "tag:before_gate", "tag:after_gate"
# The manifest that this process parsed, so that a run parses the project once.
_parsed: dict[Path, Any] = {}


class BuildFailed(NianbaoError):
    """dbt could not do what was asked; the message names the nodes that failed."""

    @classmethod
    def at(cls, command: str, reason: object) -> BuildFailed:
        """Return the failure of a command of dbt, with dbt's own reason."""
        return cls(f"未能完成：{reason}", f"It failed: {reason}", f"dbt {command}")


@dataclass(frozen=True)
class NodeResult:
    """What dbt said of one model, seed or test."""

    unique_id: str
    resource_type: str
    is_ok: bool
    status: str
    message: str
    seconds: float
    failures: int


@dataclass(frozen=True)
class Compiled:
    """A model's SQL as dbt filled it in, and the names of what it reads."""

    sql: str
    depends_on: tuple[str, ...]


def get_ready() -> None:
    """Import what a build takes, for whoever has to wait for something else anyhow."""
    import dbt.adapters.duckdb
    import dbt.cli.main
    import dbt.task.build  # noqa: F401


def _invoke(home: Home, *arguments: str, target: Path | None = None) -> Any:
    from dbt.cli.main import dbtRunner

    os.environ[ENVIRONMENT_VARIABLE] = str(home.root)
    os.environ["DO_NOT_TRACK"] = "1"
    runner = dbtRunner(manifest=_parsed.get(home.root))
    folders = ("--project-dir", home.dbt_project, "--profiles-dir", home.dbt_project)
    output = ("--target-path", target or home.target, "--log-path", home.logs)
    quiet = ("--quiet", "--log-level-file", "none", "--no-use-colors", "--no-version-check")
    return runner.invoke([*map(str, (*quiet, *arguments, *folders, *output))])


def parse(home: Home) -> Path:
    """Parse the dbt project unless the home's manifest was made from the files as they are.

    Raises `BuildFailed` with dbt's message. Returns the manifest's path.
    """
    made_from = home.target / "made_from.txt"
    seen = [project.fingerprint(home), str(home.root)]
    before = made_from.read_text(encoding="utf-8").splitlines() if made_from.exists() else []
    made = (home.manifest, _kept_manifest(home), home.dbt_project)
    if before != seen or not all(path.exists() for path in made):
        home.create()
        made_from.unlink(missing_ok=True)
        # Partial parsing takes a metric that moved to another file for two of the same name. In a
        # home that was copied nothing moved: its sources alone lie elsewhere.
        is_copy = before[:1] == seen[:1]
        _parse(home, *(() if is_copy else ("--no-partial-parse",)))
        made_from.write_text("\n".join(seen), encoding="utf-8")
    return home.manifest


def _parse(home: Home, *arguments: str) -> None:
    project.assemble(home)
    outcome = _invoke(home, "parse", *arguments)
    if not outcome.success:
        raise BuildFailed.at("parse", outcome.exception)
    _parsed[home.root] = outcome.result


def _kept_manifest(home: Home) -> Path:
    return home.target / "partial_parse.msgpack"


def _read_manifest(home: Home) -> Any:
    """Return what dbt kept of its last parse.

    dbt reads it through these names, which it does not document; asking it to parse anew and find
    that nothing changed takes a second longer.
    """
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    kept = _kept_manifest(home).read_bytes()
    manifest = Manifest.from_msgpack(kept, decoder=extended_mashumuro_decoder)
    manifest.build_flat_graph()  # what macros know as `graph`
    return manifest


def build(home: Home, *select: str) -> list[NodeResult]:
    """Build and test the selected dbt nodes; return one result a node, failures included.

    Raises `BuildFailed` when dbt could not run at all, or has nothing of that name.
    """
    if home.root not in _parsed:
        parse(home)
    if home.root not in _parsed:
        _parsed[home.root] = _read_manifest(home)
    # The manifest is written when it is parsed; writing it with each build takes half a second.
    quiet = ("--no-write-json", "--exclude-resource-type", "unit_test")
    outcome = _invoke(home, "build", *quiet, "--select", *select)
    _release()
    if outcome.result is None:
        raise BuildFailed.at("build", outcome.exception)
    if not outcome.result.results:
        names = " ".join(select)
        raise BuildFailed(f"没有可构建的 dbt 节点：{names}。", f"Nothing to build: {names}.")
    _keep_compiled(home, [result.node for result in outcome.result.results])
    return [
        NodeResult(
            unique_id=result.node.unique_id,
            resource_type=str(result.node.resource_type),
            is_ok=str(result.status) in {"success", "pass", "warn"},
            status=str(result.status),
            message=result.message or "",
            seconds=result.execution_time,
            failures=result.failures or 0,
        )
        for result in outcome.result.results
    ]


def _keep_compiled(home: Home, nodes: Iterable[Any]) -> None:
    """Leave the models' SQL beside the warehouse, for those who have no time to import dbt."""
    known = compiled_models(home) if _compiled(home).exists() else {}
    for node in nodes:
        if node.resource_type == "model" and node.compiled_code:
            # model.nianbao.<name>, source.nianbao.<source>.<table>
            reads = tuple(unique_id.split(".", 2)[2] for unique_id in node.depends_on.nodes)
            known[node.name] = Compiled(node.compiled_code, reads)
    current = {node.name for node in _parsed[home.root].nodes.values()}
    kept = {name: asdict(model) for name, model in known.items() if name in current}
    write_text(_compiled(home), json.dumps(kept, ensure_ascii=False))


def compiled_models(home: Home) -> dict[str, Compiled]:
    """Return the models as they were last built; `FileNotFoundError` before the first run."""
    known = json.loads(_compiled(home).read_text(encoding="utf-8"))
    return {name: Compiled(m["sql"], tuple(m["depends_on"])) for name, m in known.items()}


def _compiled(home: Home) -> Path:
    return home.target / "compiled.json"


def _release() -> None:
    """Let go of the DuckDB file: dbt-duckdb keeps it open, and nobody else could read it."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import reset_adapters

    try:
        environment = DuckDBConnectionManager.env()
    except Exception as nothing_open:  # dbt-duckdb has no class of its own for it
        log.debug("dbt opened no warehouse: %s", nothing_open)
    else:
        environment.close()
    DuckDBConnectionManager.close_all_connections()
    reset_adapters()


def document(home: Home) -> Path:
    """Write dbt's own documentation of the finished warehouse as one page; return it.

    The page needs no network, and names the home and the project by no path of this machine. Raises
    `BuildFailed` before the first run, and while a run is writing the warehouse.
    """
    if not home.warehouse.exists():
        raise BuildFailed(
            "还没有数据仓库，请先运行 nianbao run。",
            "No warehouse yet: nianbao run.",
            str(home.root),
        )
    with tempfile.TemporaryDirectory(dir=home.target, prefix="docs.") as folder:
        made = Path(folder)
        project.assemble(home)
        # The manifest in the home stays the one that assets are made from.
        outcome = _invoke(home, "docs", "generate", "--static", "--no-partial-parse", target=made)
        _release()
        if not outcome.success:
            raise BuildFailed.at("docs generate", outcome.exception or outcome.result)
        page = (made / "static_index.html").read_text(encoding="utf-8")
        names = {made: "target", home.root: "$NIANBAO_HOME", REPOSITORY: "nianbao"}
        for path, name in names.items():
            # The page holds texts within JSON, which writes a path of other than ASCII otherwise.
            for written in {str(path), json.dumps(str(path))[1:-1]}:
                page = page.replace(written, name)
        write_text(home.dbt_docs, page)
    return home.dbt_docs


def require_success(results: Iterable[NodeResult]) -> None:
    """Raise `BuildFailed` that names each node that failed, with dbt's own message."""
    failed = [result for result in results if not result.is_ok and result.status != "skipped"]
    if failed:
        lines = "".join(f"\n{result.unique_id}: {result.message}" for result in failed)
        raise BuildFailed("数据仓库构建失败。", f"The warehouse build failed:{lines}")


@contextlib.contextmanager
def reading(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB file read-only and close it again."""
    import duckdb

    connection = duckdb.connect(str(path), read_only=True)
    try:
        yield connection
    finally:
        connection.close()


def quoted(text: object) -> str:
    """Return a text as SQL writes it, for statements that take no parameters."""
    return "'" + str(text).replace("'", "''") + "'"


def read_table(connection: duckdb.DuckDBPyConnection, table: str) -> pd.DataFrame:
    """Return a whole table or view as a frame; the name comes from the project, never a user."""
    return connection.sql(f'select * from "{table}"').df()


if __name__ == "__main__":
    # A process that parses and ends has no use for searching its memory.
    gc.disable()
    parse(Home(Path(sys.argv[1])))
