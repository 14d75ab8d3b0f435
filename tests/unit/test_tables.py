"""Tables of the raw zone are made as pyarrow makes them, and without the cost of pandas."""

import subprocess
import sys
from datetime import date

import pyarrow as pa
from inboxes import YEAR, drop
from workbooks import CODE, Book

from orchestration.ground.frames import table_of

TAKE_IN = """
import sys
from pathlib import Path
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger
from orchestration.intake.batch import take_in
home = Home(Path(sys.argv[1]))
assert take_in(home, [int(sys.argv[2])], Ledger(f"sqlite:///{home.ledger}")).parsed == 1
print({"pandas", "sqlalchemy", "xlsxwriter"} & set(sys.modules))
"""


def test_a_table_of_rows_is_the_one_that_pyarrow_makes():
    kinds = {"year": pa.int32(), "bytes": pa.int64(), "is_read": pa.bool_(), "due_on": pa.date32()}
    schema = pa.schema({**kinds, "typed": pa.string(), "cell": pa.string()})
    rows = [
        (2024, 2**40, True, date(2024, 9, 1), "１,175人\x00", "B3"),
        (None, None, None, None, None, "AA10"),
        (0, -1, False, date(1969, 12, 31), "", "C4"),
    ]
    made = table_of(rows, schema)
    made.validate(full=True)
    listed = [dict(zip(schema.names, row, strict=True)) for row in rows]
    assert made.equals(pa.Table.from_pylist(listed, schema=schema))
    assert table_of((), schema).equals(schema.empty_table())


def test_taking_in_imports_no_library_that_it_needs_little_of(home):
    drop(home, f"{CODE}_示例.xlsx", Book().xlsx())
    command = [sys.executable, "-c", TAKE_IN, str(home.root), str(YEAR)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
