"""What holds the house up: imports run one way, light commands stay light, docs name real files."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "orchestration"


def modules():
    return sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")


def part(path):
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(path):
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_rooms_stand_on_those_below_them():
    """The contracts are in pyproject.toml: one way between rooms, no circles anywhere."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], capture_output=True, text=True, cwd=REPOSITORY)
    assert done.returncode == 0, done.stdout


def test_no_room_is_crowded():
    for folder in {path.parent for path in modules()}:
        assert len([path for path in modules() if path.parent == folder]) <= 13, folder


def adding(path):
    """Return what a module does to numbers: sums, groups, shares, running totals."""
    calls = {"sum", "fsum", "mean", "groupby", "agg", "aggregate", "Counter", "cumsum", "rank"}
    operators = ast.Mult | ast.Div | ast.FloorDiv | ast.Mod | ast.Pow
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = ast.JoinedStr | ast.Constant
    # A slash beside a text joins paths.
    of_paths = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
        if any(
            isinstance(n, texts) and not isinstance(getattr(n, "value", ""), int | float)
            for n in ast.walk(node)
        )
        for inner in ast.walk(node)
    }
    for node in set(ast.walk(tree)) - of_paths:
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in calls:
                yield f"{name}, line {node.lineno}"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, operators):
            yield f"{type(node.op).__name__}, line {node.lineno}"
        elif isinstance(node, ast.AugAssign):
            yield f"augmented assignment, line {node.lineno}"


def test_the_report_chooses_figures_and_adds_nothing():
    report = {path for path in modules() if part(path) == "report"}
    paper = {PACKAGE / "report" / "drawing.py"}  # where ink lies on paper is reckoned there
    assert paper < report
    assert {path.name: found for path in report - paper if (found := list(adding(path)))} == {}
    assert list(adding(*paper))


@pytest.mark.parametrize(
    ("library", "allowed"),
    [
        ("dagster", {"line", "definitions", "cli"}),
        ("great_expectations", {"gate"}),
        ("python_calamine", {"intake"}),
        ("xlrd", {"intake"}),
        ("dbt", {"warehouse"}),
        ("starlette", {"web"}),
        ("argon2", {"web"}),
        ("uvicorn", {"cli"}),
    ],
)
def test_an_engine_is_imported_in_one_part_only(library, allowed):
    users = {part(p) for p in modules() if library in {n.split(".")[0] for n in imported(p)}}
    assert users
    assert users <= allowed


CLOCKS = {
    *("time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today"),
    *("date.today", "Timestamp.now", "Timestamp.today", "Timestamp.utcnow"),
}
CLOCKS_OF_SQL = re.compile(
    r"\b(now|today|getdate|current_timestamp|transaction_timestamp)\s*\(|"
    r"\b(current_date|current_time|current_timestamp|localtimestamp)\b",
    re.IGNORECASE,
)


def clocks_read(path):
    """Return the calls of a module that read the machine's clock."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = ".".join(ast.unparse(node.func).split(".")[-2:])
            if name in CLOCKS:
                yield f"{name}, line {node.lineno}"
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield f"from time import …, line {node.lineno}"


def test_one_module_reads_the_clock():
    found = {path.relative_to(PACKAGE): list(clocks_read(path)) for path in modules()}
    assert [str(path) for path, calls in found.items() if calls] == ["ground/clock.py"]


def test_no_query_reads_the_clock():
    """A figure that hung on the day it was computed could not be computed again."""
    paths = [p for root in ("dbt_project", "questions") for p in (REPOSITORY / root).rglob("*.sql")]
    written = {
        path: path.read_text(encoding="utf-8") for path in paths if "target" not in path.parts
    }
    assert len(written) > 80
    assert [str(path) for path, text in written.items() if CLOCKS_OF_SQL.search(text)] == []


def test_what_is_unsettled_is_said_once():
    """Pages, files and commands ask the gate; none lists the states of a finding itself."""
    listed = re.compile(r"""isin\(\[?[*(]?FindingState|next_state in|refused["'], *["']returned""")
    paths = [*modules(), *PACKAGE.rglob("*.html")]
    texts = {path.name: path.read_text(encoding="utf-8") for path in paths}
    assert not {name for name, text in texts.items() if listed.search(text)}


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from typer.testing import CliRunner; from orchestration.cli import app; "
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0; print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    heavy = {"dagster", "dbt", "great_expectations", "pandas", "duckdb", "pyarrow", "sqlalchemy"}
    heavy |= {"starlette", "uvicorn", "argon2"}
    assert not heavy & set(done.stdout.split())


def test_nothing_swallows_every_exception_without_a_line():
    """Whoever catches whatever there is raises it again, tells a person, or leaves a line."""
    for path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for handler in (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)):
            caught = (
                {n.id for n in ast.walk(handler.type) if isinstance(n, ast.Name)}
                if (handler.type)
                else {"BaseException"}
            )
            if not caught & {"Exception", "BaseException"}:
                continue
            names = {n.id for n in ast.walk(handler) if isinstance(n, ast.Name)}
            raises = any(isinstance(node, ast.Raise) for node in ast.walk(handler))
            assert raises or "log" in names or handler.name in names, f"{path}:{handler.lineno}"


def test_definitions_only_compose():
    lines = (PACKAGE / "definitions.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 45


def test_every_module_opens_by_saying_what_belongs_in_it():
    for path in modules():
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_modules_name_modules_that_there_are():
    for path in modules():
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        for name in re.findall(r"(?<![\w/.])(?:[a-z_]+/)*[a-z_]+\.py\b", text):
            assert (path.parent / name).exists() or (PACKAGE / name).exists(), f"{path}: {name}"


@pytest.mark.parametrize(
    "name", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "docs/editions.md"]
)
def test_files_that_the_docs_name_exist(name):
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    linked = re.findall(r"\]\(([^)#:]+)\)", text)
    named = re.findall(r"good examples?: `([^`]+)`|as in `([^`]+)`", text)
    for path in [*linked, *("".join(pair) for pair in named)]:
        assert (REPOSITORY / name).parent.joinpath(path).exists(), path


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_has_hashes_and_no_addresses(name):
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    assert "--hash=sha256:" in text
    assert "://" not in text


def pinned(name):
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    return set(re.findall(r"^(\S+==\S+)", text, re.M))


def test_tools_are_added_to_what_a_run_needs_and_change_none_of_it():
    run, all_of_it = pinned("requirements.lock"), pinned("requirements-dev.lock")
    assert run < all_of_it
    assert not {pin for pin in run if pin.startswith(("pytest==", "ruff==", "mypy=="))}


def test_the_architecture_names_rooms_and_modules_that_there_are():
    text = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[a-z_]+/)+(?:[a-z_]+\.(?:py|yml|sql))?)`", text))
    assert len(named) > 15
    missing = {n for n in named if not any((root / n).exists() for root in (PACKAGE, REPOSITORY))}
    assert not missing
