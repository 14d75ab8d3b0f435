"""An edition's figures as the files that readers open: csv, a workbook, SDMX-CSV.

What belongs here: how figures, definitions, revisions and traces look in these files. What does
not: what the figures are (editions/contents.py), and the report (report/word.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.editions.history import FigureStatus, State
from orchestration.forms.headings import HEADINGS

if TYPE_CHECKING:
    import pandas as pd


def write_workbook(path: Path, title: str, notes: list[str], sheets: Mapping[str, Any]) -> None:
    """Write frames as sheets of a workbook a reader can open, after a sheet of notes.

    The same frames give the same bytes.
    """
    import xlsxwriter

    # Text that looks like a formula or an address stays text.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    with xlsxwriter.Workbook(str(path), options) as workbook:
        workbook.set_properties({"title": title, "created": datetime(2000, 1, 1)})
        head = workbook.add_format({"bold": True, "bg_color": "#DDE7F3", "border": 1})
        note = workbook.add_worksheet("说明 Notes")
        note.set_column(0, 0, 100)
        note.write_string(0, 0, title, head)
        for row, text in enumerate(notes, start=1):
            note.write_string(row, 0, text)
        for name, frame in sheets.items():
            sheet = workbook.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(frame.columns), 18)
            sheet.autofilter(0, 0, len(frame), max(len(frame.columns) - 1, 0))
            for column, label in enumerate(frame.columns):
                heading = f"{HEADINGS[label].zh} {label}" if label in HEADINGS else label
                sheet.write_string(0, column, heading, head)
            for row, values in enumerate(frame.itertuples(index=False), start=1):
                for column, value in enumerate(values):
                    _write_cell(sheet, row, column, value)


def _write_cell(sheet: Any, row: int, column: int, value: Any) -> None:
    if value is None or value != value:
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        sheet.write_string(row, column, str(value))
    else:
        sheet.write_number(row, column, value)


# The observation status of the SDMX code list CL_OBS_STATUS.
_OBSERVATION = {
    State.provisional: "P",
    State.final: "A",
    State.revised: "A",
    FigureStatus.withheld: "Q",
}


def write_sdmx(path: Path, metrics: pd.DataFrame) -> None:
    """Write the figures as SDMX-CSV 2.0, one observation a line.

    Dimensions: reference area (行政区划代码), indicator, year. A withheld figure has status Q and
    no value.
    """
    import pandas as pd
    from pysdmx.io import write_sdmx as write
    from pysdmx.io.format import Format
    from pysdmx.io.pd import PandasDataset

    data = pd.DataFrame(
        {
            "REF_AREA": metrics["city_code"],
            "INDICATOR": metrics["indicator_id"],
            "TIME_PERIOD": metrics["year"].astype(str),
            "OBS_VALUE": metrics["value_printed"].fillna(""),
            "OBS_STATUS": metrics["status"].map(_OBSERVATION),
            "UNIT_MEASURE": metrics["unit"],
            "DECIMALS": metrics["decimals"].astype(str),
        }
    )
    dataset = PandasDataset(structure=_structure(), data=data)
    write(dataset, Format.DATA_SDMX_CSV_2_0_0, output_path=str(path))


def _structure() -> Any:
    from pysdmx.model import Component, Components, Concept, DataType, Role, Schema

    def component(name: str, role: Role) -> Component:
        level = None if role is not Role.ATTRIBUTE else "O"
        return Component(
            name, True, role, Concept(name, dtype=DataType.STRING), attachment_level=level
        )

    return Schema(
        context="datastructure",
        agency="NIANBAO",
        id="CITY_YEARLY_METRICS",
        version="1.0",
        components=Components(
            [
                component("REF_AREA", Role.DIMENSION),
                component("INDICATOR", Role.DIMENSION),
                component("TIME_PERIOD", Role.DIMENSION),
                component("OBS_VALUE", Role.MEASURE),
                component("OBS_STATUS", Role.ATTRIBUTE),
                component("UNIT_MEASURE", Role.ATTRIBUTE),
                component("DECIMALS", Role.ATTRIBUTE),
            ]
        ),
    )
