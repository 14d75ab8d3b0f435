"""Files appear whole or not at all, and cells of csv run nothing."""

import pandas as pd
import pytest

from orchestration.analysts import sql_process
from orchestration.editions.trace import as_csv
from orchestration.ground import files


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1+1"])
def test_a_text_that_a_spreadsheet_would_run_stands_behind_an_apostrophe(text):
    assert files.safe_cell(text) == f"'{text}"
    assert "'" + text in files.csv_text(["x"], [[text]])


@pytest.mark.parametrize("value", ["-1,234", "+86%", "-0.5%", "12", "示例", "", -3, None, 1.5])
def test_a_number_and_a_plain_text_stay_as_they_are(value):
    assert files.safe_cell(value) == value


def test_the_csv_of_a_trace_has_the_same_guard():
    rows = pd.DataFrame({"typed": ["-1,234", "=1+1"], "value": [-1234.0, 2.0]})
    assert as_csv(rows).splitlines() == ["typed,value", '"-1,234",-1234.0', "'=1+1,2.0"]


def test_the_sql_process_which_imports_nothing_of_ours_has_the_same_guard():
    assert (*(files.FORMULA_LIKE, files.NUMBER_LIKE),) == (
        sql_process._FORMULA_LIKE,
        sql_process._NUMBER_LIKE,
    )


def test_a_file_is_the_old_one_or_the_new_one_whatever_fails(tmp_path):
    path = tmp_path / "folder" / "file.txt"
    files.write_text(path, "old")
    with pytest.raises(RuntimeError), files.written_whole(path) as beside:
        beside.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]
