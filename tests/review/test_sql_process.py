"""Questions in SQL and the process that answers them: what it does, and what it cannot do."""

import io
import os
import shutil
import subprocess
import sys
import threading
import time

import duckdb
import pyarrow.parquet as pq
import pytest

from orchestration.analysts import sql_process, sql_query
from orchestration.analysts.sql_query import BadLimit, Limits, Queries, QueryRefused

ENDLESS = "select count(*) from range(10000000) as a, range(10000000) as b"


@pytest.fixture
def published(home):
    """A home with an analysts' database, and a file beside it that nobody may read."""
    with duckdb.connect(str(home.analyst_database)) as connection:
        connection.execute("create table fct_school as select '甲校' as school_name, 7 as enrolled")
        connection.execute("comment on table fct_school is '学校 Schools'")
        connection.execute("comment on column fct_school.enrolled is 'Students'")
        connection.execute("create macro doubled(x) as 2 * x")
        connection.execute("create view v_school as from fct_school")
        connection.execute(f"copy fct_school to '{home.gate}/secret.parquet'")
    return home


@pytest.fixture
def queries(published):
    return Queries(published, Limits(seconds=15, memory_mb=256, page_rows=50, download_rows=5_000))


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def kind_of(ask, *arguments):
    with pytest.raises(QueryRefused) as refused:
        ask(*arguments)
    assert refused.value.text.zh and refused.value.text.en
    assert 400 <= refused.value.status_code < 500
    return refused.value.kind


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("select school_name, doubled(enrolled) as twice from fct_school", [["甲校", "14"]]),
        ("with a as (select 1 as x) select x, null from a -- a remark", [["1", None]]),
        ("select true, 'a;b', [1, 2], 1.50;", [["true", "a;b", "[1, 2]", "1.50"]]),
        ("from v_school", [["甲校", "7"]]),
        ("show tables", [["fct_school"], ["v_school"]]),
        ("pivot fct_school on school_name using sum(enrolled)", [["7"]]),
        ("select * from fct_school where enrolled > 7", []),
    ],
)
def test_a_reading_statement_is_answered(queries, sql, rows):
    table = queries.table(sql)
    assert [row[: len(rows[0])] if rows else row for row in table.rows] == rows
    assert not table.is_cut


@pytest.mark.parametrize("sql", ["describe fct_school", "summarize fct_school", "explain select 1"])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_what_describes_is_answered_on_the_page_and_as_a_file(queries, sql, kind):
    table = queries.table(sql)
    assert table.rows and all(len(row) == len(table.columns) for row in table.rows)
    with queries.download(sql, kind).file as file:
        assert len(file.read()) > 20


@pytest.mark.parametrize(
    "sql",
    [
        *("attach ':memory:' as other", "attach '/tmp/other.duckdb'", "detach nianbao"),
        *("copy fct_school to '/tmp/stolen.csv'", "export database '/tmp/stolen'"),
        *("copy fct_school from '/etc/passwd'", "import database '/tmp/stolen'"),
        *("install httpfs", "load json", "force install httpfs from community"),
        *("set threads = 4", "reset threads", "set variable x = 1", "use memory"),
        *("pragma threads = 4", "pragma database_list", "call pragma_version()", "checkpoint"),
        *("create temp table t as select 1", "create macro m() as 1", "drop table fct_school"),
        *("insert into fct_school values ('乙校', 1)", "update fct_school set enrolled = 8"),
        *("delete from fct_school", "alter table fct_school add column x int", "begin", "vacuum"),
        *("prepare p as select 1", "execute p", "comment on table fct_school is 'x'"),
    ],
)
def test_a_statement_that_does_not_read_is_refused(queries, published, sql):
    before = contents(published.published)
    assert kind_of(queries.table, sql) == "not_reading"
    assert contents(published.published) == before


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        *(("", "empty"), ("  -- nothing", "empty"), (";", "empty")),
        *(("select 1; select 2", "several"), ("select 1; attach ':memory:' as x", "several")),
        ("select '" + "x" * sql_query.MAX_CHARACTERS + "'", "too_long"),
        *(("selec 1", "sql"), ("select nothing", "sql"), ("select ?", "sql")),
        *(("from request", "sql"), ("select getenv('PATH')", "sql")),
        # A result that fails half-way.
        ("select cast(if(range = 900, 'x', '1') as int) from range(1000)", "sql"),
        # What it writes is refused only when it is run.
        ("with a as (insert into fct_school values ('', 1) returning *) from a", "sql"),
    ],
)
@pytest.mark.parametrize("kind_of_answer", ["table", "csv"])
def test_a_wrong_statement_is_refused_with_the_reason(
    published, queries, sql, kind, kind_of_answer
):
    if kind_of_answer == "table":
        ask = Queries(published, Limits(page_rows=2_000)).table
        assert kind_of(ask, sql) == kind
    else:
        assert kind_of(queries.download, sql, kind_of_answer) == kind


def test_a_mistake_is_shown_at_its_place(queries):
    with pytest.raises(QueryRefused) as refused:
        queries.table("select *\nfrom fct_school\nwhere enroled > 1")
    assert "LINE 3: where enroled > 1\n              ^" in refused.value.detail


@pytest.mark.parametrize(
    "sql",
    [
        *("from read_csv('/etc/passwd')", "from read_text('/etc/passwd')", "from glob('/etc/*')"),
        *("from read_parquet('{gate}/secret.parquet')", "from '{gate}/secret.parquet'"),
        *("from sniff_csv('/etc/passwd')", "from parquet_schema('{gate}/secret.parquet')"),
        *("from read_blob('{database}')", "from read_duckdb('{gate}/secret.parquet')"),
        # These are reading statements to DuckDB, and the database's own files are open to it.
        "with a as (copy (select 1) to '{database}' (use_tmp_file false)) from a",
        "with a as (copy (select 1) to '{database}.wal' (use_tmp_file false)) from a",
        "explain analyze copy (select 1) to '{database}' (use_tmp_file false)",
        "explain analyze copy (select 1) to '{database}.wal'",
    ],
)
def test_no_file_is_read_or_written(queries, published, sql):
    before = contents(published.published)
    sql = sql.format(gate=published.gate, database=published.analyst_database)
    assert kind_of(queries.table, sql) == "outside"
    assert contents(published.published) == before


def test_the_network_is_out_of_reach(queries):
    assert kind_of(queries.table, "from read_csv('https://example.org/x.csv')") in {
        *("outside", "sql"),
    }


def test_a_fenced_process_opens_starts_and_connects_to_nothing():
    code = (
        "import os, signal, socket, subprocess, sys\n"
        f"sys.path.insert(0, {os.path.dirname(sql_process.__file__)!r})\n"  # noqa: PTH120
        "import sql_process\n"
        "sql_process.fence(64, 5)\n"
        "for what in (lambda: open('/etc/passwd'), lambda: os.open('/dev/null', os.O_RDONLY),\n"
        "             socket.socket, os.pipe, lambda: subprocess.run(['true'])):\n"
        "    try:\n        what()\n"
        "    except OSError as error:\n        print(error.errno)\n"
        "    else:\n        print('open')\n"
        "try:\n    bytearray(1 << 33)\nexcept MemoryError:\n    print('small')\n"
        "print(signal.alarm(0))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [*["24"] * 5, "small", "7"]


def test_the_process_sees_no_secret_of_the_server(queries, monkeypatch):
    monkeypatch.setenv("NIANBAO_LEDGER_URL", "postgresql://user:secret@host/db")
    said = (
        "import json, os, sys; said = {'kind': 'sql', 'detail': repr(dict(os.environ))}; "
        "sys.stderr.write(json.dumps(said))"
    )
    monkeypatch.setattr(sql_query, "_COMMAND", (sys.executable, "-I", "-c", said))
    with pytest.raises(QueryRefused) as refused:
        queries.table("select 1")
    assert "secret" not in refused.value.detail and refused.value.detail.startswith("{")


def test_a_query_that_takes_too_long_is_stopped(published):
    queries = Queries(published, Limits(seconds=1))
    began = time.monotonic()
    with pytest.raises(QueryRefused, match="超过 1 秒") as refused:
        queries.table(ENDLESS)
    assert (refused.value.kind, refused.value.status_code) == ("time", 422)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "sql",
    [
        "select list(range) from range(500000000)",
        "select string_agg(repeat('x', 1000), '') from range(10000000)",
        "select repeat('x', 200000) from range(3000)",
    ],
)
def test_a_query_that_needs_too_much_memory_is_stopped(queries, sql):
    with pytest.raises(QueryRefused, match="超过 256 MB") as refused:
        queries.download(sql, "csv")
    assert refused.value.kind == "memory"


@pytest.mark.parametrize(
    ("program", "kind"),
    [
        ("import os; os.abort()", "stopped"),
        ("print('no report')", "stopped"),
        ("import sys\nwhile True: sys.stdout.write('x' * 1000000)", "too_large"),
    ],
)
def test_a_process_that_breaks_or_floods_is_a_refusal(queries, monkeypatch, program, kind):
    monkeypatch.setattr(sql_query, "_COMMAND", (sys.executable, "-I", "-c", program))
    assert kind_of(queries.table, "select 1") == kind


def test_millions_of_rows_are_cut_and_said_to_be(queries):
    millions = "select range as n from range(30000000)"
    table = queries.table(millions)
    assert (len(table.rows), table.is_cut, table.rows[-1]) == (50, True, ["49"])
    answer = queries.download(millions, "csv")
    with answer.file as file:
        lines = file.read().decode("utf-8-sig").splitlines()
    assert (answer.rows, answer.is_cut, len(lines), lines[-1]) == (5_000, True, 5_001, "4999")
    whole = queries.download("from range(5000)", "parquet")
    with whole.file as file:
        assert (pq.read_table(io.BytesIO(file.read())).num_rows, whole.is_cut) == (5_000, False)


def test_a_page_is_cut_at_its_size_and_a_cell_at_its_length(published):
    queries = Queries(published, Limits(page_rows=100_000))
    table = queries.table("select repeat('x', 3000) from range(50000)")
    assert table.is_cut and 1_000 < len(table.rows) < 5_000
    assert table.rows[0] == ["x" * sql_process.CELL_CHARACTERS + "…"]


def test_csv_opens_in_excel_and_holds_no_formula(queries):
    sql = (
        "select '=1+1' as \"=cmd()\", '+x' as b, '-x' as c, '@x' as d, '\t=x' as e, "
        "'-5.3' as f, '+86%' as g, -5 as h, -0.50 as i, null as j, '' as k, '中\"文' as l, "
        "['=x'] as m, date '2024-12-31' as n, '=x'::enum('=x') as o, interval 1 day as p"
    )
    with queries.download(sql, "csv").file as file:
        data = file.read()
    assert data.startswith(b"\xef\xbb\xbf")
    header, row = data.decode("utf-8-sig").rstrip("\n").split("\n")
    assert header.startswith('"\'=cmd()","b"')
    assert row == (
        '"\'=1+1","\'+x","\'-x","\'@x","\'\t=x","-5.3","+86%",-5,-0.50,,"","中""文",'
        '"[""=x""]",2024-12-31,"\'=x","0 months 1 days 0 nanoseconds"'
    )


def test_parquet_keeps_types_and_the_statement(queries):
    sql = "select 1.50 as a, date '2024-12-31' as b, '=x' as c, [1, null] as d"
    with queries.download(sql, "parquet").file as file:
        table = pq.read_table(io.BytesIO(file.read()))
    assert [str(kind) for kind in table.schema.types[:3]] == [
        "decimal128(3, 2)",
        "date32[day]",
        ("string"),
    ]
    assert table["d"].to_pylist() == [[1, None]]
    assert table.schema.metadata[b"nianbao.sql"].decode() == sql


def test_a_type_that_parquet_has_no_place_for_is_a_refusal(queries):
    assert kind_of(queries.download, "select interval 1 day", "parquet") == "unwritable"


def test_a_query_is_answered_while_the_database_is_swapped(published, queries, tmp_path):
    kept, done = tmp_path / "kept.duckdb", threading.Event()
    shutil.copy(published.analyst_database, kept)
    swaps = 0

    def swap():
        nonlocal swaps
        while not done.is_set():
            shutil.copy(kept, tmp_path / "next.duckdb")
            (tmp_path / "next.duckdb").replace(published.analyst_database)
            swaps += 1

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for _ in range(6):
            assert queries.table("from fct_school").rows == [["甲校", "7"]]
    finally:
        done.set()
        thread.join()
    assert swaps > 6


def test_more_queries_than_allowed_are_told_to_wait(published):
    queries = Queries(published, Limits(seconds=3, at_once=1))
    ended = []
    slow = threading.Thread(target=lambda: ended.append(kind_of(queries.table, ENDLESS)))
    slow.start()
    while queries._slots._value:
        time.sleep(0.05)
    began = time.monotonic()
    assert kind_of(queries.table, "select 1") == "busy"
    assert time.monotonic() - began < 2
    slow.join()
    assert ended == ["time"]
    assert queries.table("select 1").rows == [["1"]]


def test_there_is_nothing_to_ask_before_the_first_run(home):
    queries = Queries(home)
    assert kind_of(queries.table, "select 1") == "no_database"
    assert kind_of(queries.schema) == "no_database"


def test_a_broken_database_is_a_refusal(home):
    home.analyst_database.write_bytes(b"no database")
    assert kind_of(Queries(home).table, "select 1") == "database"


def test_the_schema_says_what_tables_columns_and_macros_mean_until_it_is_swapped(
    published, queries, monkeypatch
):
    relations = {relation.name: relation for relation in queries.schema()}
    assert set(relations) == {"fct_school", "v_school", "doubled"}
    school = relations["fct_school"]
    assert school.comment == "学校 Schools"
    assert school.columns == [("school_name", "VARCHAR", ""), ("enrolled", "INTEGER", "Students")]
    assert relations["doubled"].parameters == "x"
    with monkeypatch.context() as patch:
        patch.setattr(Queries, "_run", None)
        assert len(queries.schema()) == 3
    with duckdb.connect(str(published.analyst_database)) as connection:
        connection.execute("create table dim_new as select 1 as x")
    assert "dim_new" in {relation.name for relation in queries.schema()}


def test_limits_come_from_the_environment_and_a_wrong_one_is_named(monkeypatch):
    monkeypatch.setenv("NIANBAO_SQL_SECONDS", "60")
    assert Limits.from_environment() == Limits(seconds=60)
    monkeypatch.setenv("NIANBAO_SQL_PAGE_ROWS", "-1")
    with pytest.raises(BadLimit, match="NIANBAO_SQL_PAGE_ROWS"):
        Limits.from_environment()


def test_a_moment_is_shown_in_the_homes_time_wherever_the_machine_stands(queries, monkeypatch):
    """A table and a file alike."""
    monkeypatch.setenv("TZ", "America/New_York")
    sql = "select timestamptz '2025-12-31 16:01:00+00' as at"
    assert queries.table(sql).rows == [["2026-01-01 00:01:00+08:00"]]
    with queries.download(sql, "csv").file as file:
        assert b"2026-01-01" in file.read()
