"""What an edition's files say, read with the libraries that their readers use."""

import csv
import json
import re
import shutil
import subprocess
import sys
import textwrap
from datetime import UTC, datetime

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
from frictionless import Package
from python_calamine import CalamineWorkbook
from story import CITY, YEAR

from orchestration.editions.contents import over_tables, read_tables
from orchestration.editions.trace import COLUMNS, trace_rows
from orchestration.publishing import figures
from orchestration.publishing.sdmx import write_sdmx
from orchestration.report.content import read_content
from orchestration.report.figure import unit_key, unit_of
from orchestration.report.word import render_report, report_template

TYPES = {
    **{"string": "string", "int32": "integer", "int64": "integer", "double": "number"},
    **{"bool": "boolean", "date32[day]": "date"},
}
TEXTS = {"metrics-csv", "revisions-csv", "data_dictionary-csv"}


@pytest.fixture(params=["first", "revised"])
def folder(request, story):
    """Of an edition without revisions, and of one with them."""
    edition = getattr(story, request.param)
    return getattr(edition, "edition", edition).folder


@pytest.fixture
def revised(story):
    return story.revised.folder


@pytest.fixture
def copy(revised, tmp_path):
    """A copy of an edition's folder that may be altered."""
    shutil.copytree(revised, tmp_path / "edition")
    for path in (tmp_path / "edition").glob("*"):
        path.chmod(0o755)
    return tmp_path / "edition"


def errors(folder):
    """What frictionless finds in the text files of an edition, by its type."""
    package = Package(str(folder / "datapackage.json"))
    found = [package.get_resource(name).validate() for name in sorted(TEXTS)]
    return {kind for report in found for (kind,) in report.flatten(["type"])}


# -- data package ----------------------------------------------------------------------------------


def test_the_data_package_is_valid_and_so_is_every_row_of_its_text_files(folder):
    written = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert list(Package.metadata_validate(written)) == []
    assert errors(folder) == set()
    package = Package(str(folder / "datapackage.json"))
    rows = package.get_resource("metrics-csv").read_rows()
    table = pq.read_table(folder / "metrics.parquet").to_pylist()
    assert [row["city"] for row in rows] == [CITY] * len(table)  # the first column, after the BOM
    assert [row["city_code"] for row in rows] == [row["city_code"] for row in table]
    assert [row["value_printed"] for row in rows] == [row["value_printed"] for row in table]
    without = [row["denominator"] is None for row in table]
    assert [row["denominator"] is None for row in rows] == without and any(without)


def test_each_parquet_file_is_described_as_it_is_and_every_column_in_words(folder):
    written = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    paths = {resource["path"] for resource in written["resources"]}
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet")}
    assert files | {"metrics.csv", "revisions.csv", "data_dictionary.csv"} == paths
    for resource in written["resources"]:
        fields = resource["schema"]["fields"]
        assert all(field["description"] for field in fields), resource["name"]
        if resource["format"] == "parquet":
            schema = pq.read_schema(folder / resource["path"])
            assert [field["name"] for field in fields] == schema.names
            assert [field["type"] for field in fields] == declared_types(folder / resource["path"])


def declared_types(path):
    """What a package calls the columns: whole numbers with blanks are numbers, as readers see."""
    table = pq.read_table(path)
    return [
        "number"
        if TYPES[str(column.type)] == "integer" and column.null_count
        else TYPES[str(column.type)]
        for column in table.columns
    ]


def test_every_resource_of_the_data_package_validates(folder):
    package = Package(str(folder / "datapackage.json"))
    reports = {resource.name: resource.validate() for resource in package.resources}
    assert len(reports) > 45
    assert {
        n: r.flatten(["type", "fieldName", "note"]) for n, r in reports.items() if not r.valid
    } == {}
    blank = package.get_resource("tables-fct_contest").schema.get_field("gold_medals")
    assert blank.type == "number"  # which some schools left blank


@pytest.mark.parametrize(("name", "has_rows"), [("first", False), ("revised", True)])
def test_the_types_of_a_text_file_do_not_hang_on_its_rows(story, name, has_rows):
    edition = getattr(story, name)
    folder = getattr(edition, "edition", edition).folder
    package = Package(str(folder / "datapackage.json"))
    revisions = package.get_resource("revisions-csv")
    assert bool(revisions.read_rows()) is has_rows
    types = {field.name: field.type for field in revisions.schema.fields}
    assert (types["compared_with"], types["change"], types["cause"]) == (
        *("integer", "number"),
        "string",
    )
    assert package.get_resource("metrics-csv").schema.get_field("city_code").type == "string"


def test_a_column_that_is_missing_from_a_file_is_noticed(copy):
    path = copy / "metrics.csv"
    frame = pd.read_csv(path, encoding="utf-8-sig", dtype=str)
    frame.drop(columns="unit").to_csv(path, index=False, encoding="utf-8-sig")
    assert {"missing-label", "hash-count"} <= errors(copy)


def test_a_number_that_is_none_and_a_figure_twice_are_noticed(copy):
    path = copy / "metrics.csv"
    frame = pd.read_csv(path, encoding="utf-8-sig", dtype=str)
    frame.loc[0, "value"] = "一百"
    pd.concat([frame, frame[1:2]]).to_csv(path, index=False, encoding="utf-8-sig")
    assert {"type-error", "primary-key"} <= errors(copy)


# -- SDMX-CSV --------------------------------------------------------------------------------------


def read_sdmx(path):
    from pysdmx.io import read_sdmx as read

    (dataset,) = read(str(path), validate=False).get_datasets()
    return dataset.data.set_index("INDICATOR")


def test_sdmx_gives_the_printed_figures_back_with_status_and_unit(folder):
    metrics = pq.read_table(folder / "metrics.parquet").to_pandas().set_index("indicator_id")
    read = read_sdmx(folder / "metrics.sdmx.csv")
    assert sorted(read.index) == sorted(metrics.index) and read.index.is_unique
    read = read.reindex(metrics.index)
    known = metrics["value_printed"].notna()
    assert known.sum() > 100
    found = read["OBS_VALUE"].astype(str)[known]
    assert found.map(float).tolist() == metrics["value_printed"][known].map(float).tolist()
    assert read["UNIT_MEASURE"].tolist() == [unit_key(unit) for unit in metrics["unit"]]
    of_bureau = metrics["filed_by"] == "bureau"
    assert 10 < of_bureau.sum() < 40
    for column in ("schools_counted", "schools_expected"):
        counts = read[column.upper()]
        assert counts[~of_bureau].astype(int).tolist() == metrics[column][~of_bureau].tolist()
        assert set(counts[of_bureau]) == {"#N/A"}, "a bureau's own figure is of no schools"
    assert read["REF_AREA"].astype(str).tolist() == metrics["city_code"].tolist()
    assert set(read["TIME_PERIOD"].astype(str)) == {str(YEAR)}
    status = metrics["status"].map({"provisional": "P", "final": "A", "revised": "A"})
    assert read["OBS_STATUS"].tolist() == status.tolist()


def test_a_withheld_figure_has_its_status_and_no_value_in_sdmx(revised, tmp_path):
    metrics = pq.read_table(revised / "metrics.parquet").to_pandas()
    hidden = metrics["indicator_id"] == "graduates"
    metrics.loc[hidden, ["status", "value", "value_printed"]] = ["withheld", None, None]
    tables = read_tables(revised)
    (place,) = tables["city"].to_pylist()
    definitions = tables["dim_indicator"].to_pandas()
    write_sdmx(tmp_path, metrics, definitions, place, datetime(2025, 1, 1, tzinfo=UTC))
    read = read_sdmx(tmp_path / "metrics.sdmx.csv")
    assert read.loc["graduates", "OBS_STATUS"] == "Q"
    assert read.loc["graduates", "OBS_VALUE"] == "#N/A"  # how SDMX-CSV says that there is none
    assert (read["OBS_STATUS"] == "Q").sum() == 1


def structure_of(folder):
    """The message of an edition's structure, as pysdmx reads it."""
    import msgspec
    from pysdmx.io.json.sdmxjson2.messages import JsonStructureMessage
    from pysdmx.model import decoders

    decoder = msgspec.json.Decoder(JsonStructureMessage, dec_hook=decoders)
    return decoder.decode((folder / "metrics.sdmx.json").read_bytes()).to_model()


def test_the_structure_that_the_csv_names_is_published_and_explains_every_column_and_code(folder):
    lines = pd.read_csv(folder / "metrics.sdmx.csv", dtype=str, keep_default_na=False)
    (structure,) = structure_of(folder).get_data_structure_definitions()
    named = f"{structure.agency}:{structure.id}({structure.version})"
    assert set(lines["STRUCTURE"] + " " + lines["STRUCTURE_ID"]) == {f"datastructure {named}"}
    components = {component.id: component for component in structure.components}
    assert list(components) == list(lines.columns[3:])
    assert all(component.concept.name for component in components.values())
    coded = {name: c.enumeration for name, c in components.items() if c.enumeration is not None}
    assert list(coded) == ["REF_AREA", "INDICATOR", "OBS_STATUS", "UNIT_MEASURE"]
    for name, codes in coded.items():
        assert set(lines[name]) <= {code.id for code in codes}
        assert all(re.fullmatch(r"[A-Za-z0-9_@$-]+", code.id) and code.name for code in codes)
    (graduates,) = [code for code in coded["INDICATOR"] if code.id == "graduates"]
    assert graduates.name == "毕业生数 Graduates"


# -- workbook --------------------------------------------------------------------------------------


def sheets(path):
    book = CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def ids(heading):
    return [cell.split(" ")[-1] for cell in heading]


def test_the_workbook_has_its_sheets_and_each_column_its_chinese_name_and_id(folder):
    found = sheets(folder / "metrics.xlsx")
    names = [
        "说明 Notes",
        "打印 To print",
        "指标 Indicators",
        "指标定义 Definitions",
        "修订 Revisions",
    ]
    assert list(found) == [*names, "说明通过 Explanations", "追溯 Trace", "各校 Schools"]
    tables = read_tables(folder)
    for name, table in (("指标定义", "dim_indicator"), ("修订", "revision")):
        (rows,) = [rows for sheet, rows in found.items() if sheet.split(" ")[0] == name]
        assert ids(rows[0]) == tables[table].column_names
        assert len(rows) - 1 == tables[table].num_rows
    bare = [
        cell
        for rows in list(found.values())[1:]
        for cell in rows[0]
        if not any("\u4e00" <= letter <= "\u9fff" for letter in cell)
    ]
    assert bare == []


def test_no_two_columns_of_a_sheet_bear_one_chinese_name(folder):
    for name, rows in list(sheets(folder / "metrics.xlsx").items())[1:]:
        assert len({cell.split(" ")[0] for cell in rows[0]}) == len(rows[0]), name


def test_the_figures_of_the_workbook_are_the_editions(folder):
    rows = sheets(folder / "metrics.xlsx")["指标 Indicators"]
    found = {
        row["indicator_id"]: row
        for row in (dict(zip(ids(rows[0]), r, strict=True)) for r in rows[1:])
    }
    for row in pq.read_table(folder / "metrics.parquet").to_pylist():
        shown = found[row["indicator_id"]]
        assert shown["value_printed"] == (row["value_printed"] or "")
        # A workbook keeps 16 digits.
        assert shown["value"] == ("" if row["value"] is None else pytest.approx(row["value"]))


def test_the_sheet_of_cells_is_the_editions_trace(folder):
    with over_tables(read_tables(folder)) as connection:
        cells = trace_rows(connection, CITY, YEAR)
    heading, *rows = sheets(folder / "metrics.xlsx")["追溯 Trace"]
    assert ids(heading) == list(COLUMNS) and len(rows) == len(cells) > 1000
    for column in ("indicator_id", "school_code", "cell", "typed", "file_hash"):
        expected = cells[column].fillna("").astype(str).tolist()
        assert [str(row[COLUMNS.index(column)]) for row in rows] == expected
    added = [row[COLUMNS.index("contribution")] for row in rows]
    assert {type(value) for value in added} == {float, str}
    numbers = [value for value in added if value != ""]
    assert all(isinstance(value, float) for value in numbers), "a spreadsheet adds them up"
    assert sum(numbers) == pytest.approx(cells["contribution"].astype(float).sum()) != 0


def test_the_sheet_to_print_has_numbers_as_numbers_and_words_for_units_and_schools(folder):
    import openpyxl

    heading, *rows = sheets(folder / "metrics.xlsx")["打印 To print"]
    assert [cell.split(" ")[0] for cell in heading] == [
        *("指标", "数值", "单位", "统计学校", "上年", "上年统计学校", "与上年相比", "状态"),
    ]
    metrics = pq.read_table(folder / "metrics.parquet").to_pylist()
    assert len(rows) == len(metrics)
    for row, figure in zip(rows, metrics, strict=True):
        schools = f"{figure['schools_counted']}/{figure['schools_expected']} 所"
        before = f"{figure['previous_schools_counted']}/{figure['previous_schools_expected']} 所"
        if figure["filed_by"] == "bureau":
            schools = before = "市级填报"
        if figure["previous_value"] is None:
            assert figure["previous_schools_counted"] is None
            before = "—"
        assert row[:3] == [
            *(figure["name_zh"], float(figure["value_printed"]), unit_of(figure["unit"]).zh)
        ]
        assert (row[3], row[5]) == (schools, before)
        said = f"※ 不可比：{figure['break_zh']}" if figure["is_comparable"] is False else "可比"
        assert row[6] == (said if figure["is_comparable"] is not None else "—")
        assert row[7] in {"暂定", "定稿", "修订"}
    assert {row[3] for row in rows} > {"市级填报"}
    assert any(row[4] != "—" for row in rows)
    sheet = openpyxl.load_workbook(folder / "metrics.xlsx")["打印 To print"]
    formats = {row[0].value: row[1].number_format for row in sheet.iter_rows(min_row=2)}
    assert formats["就业率"] == "0.00" and formats["毕业生数"] == "0"


def test_a_withheld_figure_is_a_dash_on_the_sheet_to_print(revised, tmp_path):
    metrics = pq.read_table(revised / "metrics.parquet").to_pandas()[:1]
    metrics[["status", "value_printed"]] = ["withheld", None]
    figures.write_workbook(tmp_path / "metrics.xlsx", "题", [], metrics, {})
    (_, row) = sheets(tmp_path / "metrics.xlsx")["打印 To print"]
    assert (row[1], row[7]) == ("—", "不予公布")


def test_last_year_says_of_how_many_schools_it_is_on_the_sheet_to_print(revised, tmp_path):
    metrics = pq.read_table(revised / "metrics.parquet").to_pandas()
    metrics = metrics[metrics["indicator_id"] == "graduates"].assign(
        previous_value=99.0, previous_schools_counted=14, previous_schools_expected=15
    )
    figures.write_workbook(tmp_path / "metrics.xlsx", "题", [], metrics, {})
    (_, row) = sheets(tmp_path / "metrics.xlsx")["打印 To print"]
    assert row[3:6] == ["15/15 所", 99.0, "14/15 所"]


def test_last_year_is_marked_where_the_two_years_cannot_be_compared(revised, tmp_path):
    import openpyxl

    with (revised / "metrics.csv").open(encoding="utf-8-sig", newline="") as file:
        said = {
            r["indicator_id"]: (r["is_comparable"], r["break_zh"]) for r in csv.DictReader(file)
        }
    trend = read_tables(revised)["fct_indicator_trend"].to_pylist()
    for row in (row for row in trend if row["year"] == YEAR):
        comparable, why = said[row["indicator_id"]]
        assert comparable == {None: "", True: "True", False: "False"}[row["is_comparable"]]
        assert why == (row["break_zh"] or "")
    assert {"True"} <= {comparable for comparable, _ in said.values()}
    metrics = pq.read_table(revised / "metrics.parquet").to_pandas()
    metrics = metrics[metrics["indicator_id"] == "graduates"].assign(
        previous_value=99.0, is_comparable=False, break_zh="两年统计的学校不同"
    )
    figures.write_workbook(tmp_path / "metrics.xlsx", "题", [], metrics, {})
    (_, row) = openpyxl.load_workbook(tmp_path / "metrics.xlsx")["打印 To print"].iter_rows()
    assert (row[4].value, row[4].number_format) == (99, '0"※"')
    assert row[6].value == "※ 不可比：两年统计的学校不同"


def test_the_workbook_is_printed_on_a_few_landscape_pages(folder, tmp_path):
    office = shutil.which("soffice")
    if office is None:
        pytest.fail("This needs LibreOffice: apt-get install libreoffice-calc-nogui")
    done = subprocess.run(
        [
            *(office, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile"),
            *("--convert-to", "pdf", "--outdir", str(tmp_path), str(folder / "metrics.xlsx")),
        ],
        capture_output=True,
        timeout=240,
        check=True,
    )
    assert done.returncode == 0
    boxes = re.findall(
        rb"/MediaBox\[0 0 ([0-9.]+) ([0-9.]+)\]", (tmp_path / "metrics.pdf").read_bytes()
    )
    assert 5 <= len(boxes) <= 15
    assert all(float(width) > float(height) for width, height in boxes)


def test_figures_that_an_earlier_version_signed_are_written_without_what_it_did_not_say(
    revised, tmp_path
):
    tables = {name: table.to_pandas() for name, table in read_tables(revised).items()}
    since = ["filed_by", "previous_schools_counted", "previous_schools_expected"]
    metrics = tables["city_yearly_metrics"].drop(columns=since)
    (place,) = tables["city"].to_dict("records")
    when = datetime(2025, 1, 1, tzinfo=UTC)
    write_sdmx(tmp_path, metrics, tables["dim_indicator"], place, when)
    assert len(read_sdmx(tmp_path / "metrics.sdmx.csv")) == len(metrics)
    figures.write_workbook(tmp_path / "metrics.xlsx", "题", [], metrics, {})
    rows = sheets(tmp_path / "metrics.xlsx")["打印 To print"][1:]
    assert {row[5] for row in rows} == {"—"}


def test_text_that_looks_like_a_formula_stays_text(tmp_path):
    import openpyxl

    hostile = ['=HYPERLINK("http://x")', "{=1+1}", "@SUM(A1)", "+1", "http://x", "=1"]
    frame = pd.DataFrame({"school_name": hostile, "value": [1.5, None, 2.0, 3.0, 4.0, 5.0]})
    path = tmp_path / "metrics.xlsx"
    metrics = pd.DataFrame(
        [
            {
                **{"name_zh": "=1+1", "value_printed": "1.50", "decimals": 2, "unit": "10k CNY"},
                **{"previous_value": None, "schools_counted": 1, "schools_expected": 2},
                **{"previous_schools_counted": None, "previous_schools_expected": None},
                **{"filed_by": "school", "status": "provisional"},
            }
        ]
    )
    figures.write_workbook(path, "=A1", ["=A2"], metrics, {"追溯 Trace": frame, "=x": frame})
    for sheet in openpyxl.load_workbook(path):
        for row in sheet:
            for cell in row:
                assert cell.data_type != "f" and cell.hyperlink is None, cell.coordinate
    rows = sheets(path)["追溯 Trace"]
    assert [row[0] for row in rows[1:]] == hostile
    assert [row[1] for row in rows[1:]] == [1.5, "", 2.0, 3.0, 4.0, 5.0]


# -- report ----------------------------------------------------------------------------------------


def test_a_report_tried_on_an_edition_is_the_one_in_its_folder(story, folder):
    """In the time of China, with the note of who signed it."""
    number = int(folder.name.removeprefix("v"))
    content = read_content(story.home, CITY, YEAR, number)
    template = report_template(story.home, CITY)
    assert render_report(template, content) == (folder / "report.docx").read_bytes()
    assert bool(content.notes) is (number == 4)


# -- analysts' database ----------------------------------------------------------------------------


@pytest.fixture
def reader(story):
    with duckdb.connect(str(story.home.analyst_database), read_only=True) as connection:
        yield connection


@pytest.mark.parametrize(
    "call",
    [
        "indicator_as_of('nowhere', 2024, date '2999-01-01')",
        "indicator_as_of('qingyang', 1999, date '2999-01-01')",
        "indicator_as_of('qingyang', 2024, date '1999-01-01')",
        "indicator_final('nowhere', 2024)",
        "indicator_final('qingyang', 1999)",
        "edition_changes('nowhere', 2024, 1, 3)",
        "edition_changes('qingyang', 2024, 3, 3)",
        "edition_changes('qingyang', 2024, 3, 99)",
        "edition_changes('qingyang', 2024, 99, 3)",
    ],
)
def test_a_macro_has_no_rows_for_what_there_is_not(reader, call):
    assert reader.sql(f"from {call}").fetchall() == []


def test_a_timestamp_asks_for_the_end_of_its_day(reader):
    """A moment with a time zone stands for the day that it is in the session's."""
    query = "select cast(max(published_at) as varchar) from fct_edition"
    ((last,),) = reader.sql(query).fetchall()
    for moment in (f"timestamptz '{last}'", f"timestamp '{last[:19]}' + interval 1 day"):
        found = reader.sql(
            f"select distinct edition from indicator_as_of('{CITY}', {YEAR}, {moment})"
        )
        assert found.fetchall() == [(4,)]


def test_every_table_column_and_macro_says_what_it_is(reader):
    bare = reader.sql(
        "select table_name, null from duckdb_tables() where comment is null union all "
        "select table_name, column_name from duckdb_columns() "
        "where comment is null and not internal union all "
        "select function_name, null from duckdb_functions() "
        "where comment is null and not internal"
    ).fetchall()
    assert bare == []
    macros = reader.sql("select function_name from duckdb_functions() where not internal")
    assert {name for (name,) in macros.fetchall()} == {
        *("indicator_as_of", "indicator_final", "edition_changes"),
    }


def test_a_withdrawn_edition_stays_with_its_figures_and_its_note(story):
    from dataclasses import replace

    from orchestration.analysts.edition_tables import add_editions
    from orchestration.editions.history import Withdrawal, city_year
    from orchestration.ground.clock import CHINA

    known = city_year(story.home, story.ledger, CITY, YEAR)
    withdrawal = Withdrawal("李批准", "2999-03-16T02:00:00+00:00", "有误")
    withdrawn = replace(known.editions[-1], withdrawal=withdrawal)
    after = replace(known, editions=(*known.editions[:-1], withdrawn))
    with duckdb.connect() as connection:
        add_editions(connection, [after], CHINA)
        rows = connection.execute(
            "select state, withdrawal_note, (select count(*) from fct_edition_metric as m "
            "where m.edition = e.edition) from fct_edition as e order by edition"
        ).fetchall()
        final = connection.sql("select distinct edition from indicator_final('qingyang', 2024)")
        assert final.fetchall() == [(2,)]
    assert rows[-1][1] == "有误"
    assert min(row[2] for row in rows) > 100
    assert [row[0] for row in rows] == ["provisional", "final", "provisional", "withdrawn"]


def test_who_reads_during_the_swap_reads_on_and_the_next_one_sees_the_new(story, reader):
    from orchestration.analysts.database import refresh_editions

    question = "select count(*) from fct_edition_metric"
    before = reader.sql(question).fetchall()
    inode = story.home.analyst_database.stat().st_ino
    refresh_editions(story.home, story.ledger)
    assert story.home.analyst_database.stat().st_ino != inode
    assert reader.sql(question).fetchall() == before
    code = f"""
        import duckdb
        with duckdb.connect({str(story.home.analyst_database)!r}, read_only=True) as reader:
            print(reader.sql({question!r}).fetchall())
    """
    # A process that has a file open sees that one; a person's next session is another process.
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(before)
