"""An edition's figures as SDMX: the observations as csv, and the structure that they name.

What belongs here: the data structure, its concepts and code lists, and the observations. What does
not: what the figures are (editions/contents.py), and the other files (figures.py, package.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.editions.history import FigureStatus, State
from orchestration.ground.text import Text
from orchestration.report.figure import unit_key, unit_of

if TYPE_CHECKING:
    import pandas as pd
    from pysdmx.model import Codelist, DataStructureDefinition

_AGENCY, _VERSION = "NIANBAO", "2.0"
_SCHEME = "CS_CITY_YEARLY_METRICS"
# Codes of the SDMX code list CL_OBS_STATUS.
_OBSERVATION = {
    State.provisional: "P",
    State.final: "A",
    State.revised: "A",
    FigureStatus.withheld: "Q",
}
_OBSERVATIONS = {
    "A": Text("定稿", "Normal value"),
    "P": Text("暂定", "Provisional value"),
    "Q": Text("不予公布", "Missing value; suppressed"),
}
_DIMENSIONS = {
    "REF_AREA": Text("地区（行政区划代码）", "Reference area (division code)"),
    "INDICATOR": Text("指标", "Indicator"),
    "TIME_PERIOD": Text("年度", "Reporting year"),
}
_MEASURES = {"OBS_VALUE": Text("印出的数值", "Figure as printed")}
_ATTRIBUTES = {
    "OBS_STATUS": Text("状态", "Observation status"),
    "UNIT_MEASURE": Text("单位", "Unit of measure"),
    "DECIMALS": Text("小数位", "Decimals"),
    "SCHOOLS_COUNTED": Text("统计学校数", "Schools behind the figure"),
    "SCHOOLS_EXPECTED": Text("应统计学校数", "Schools that could stand behind it"),
}


def write_sdmx(
    folder: Path,
    metrics: pd.DataFrame,
    definitions: pd.DataFrame,
    place: Mapping[str, Any],
    prepared: datetime,
) -> None:
    """Write `metrics.sdmx.csv` (SDMX-CSV 2.0) and its structure, `metrics.sdmx.json`.

    One observation an indicator of the city's year; a withheld figure has status Q and no value,
    one that schools filed says of how many it is. The structure (SDMX-JSON 2.0) holds the data
    structure definition that each line names, its concepts, and the code lists of areas,
    indicators (`definitions`), units and statuses. The same figures give the same bytes.
    """
    from pysdmx.io import write_sdmx as write
    from pysdmx.io.format import Format
    from pysdmx.io.pd import PandasDataset
    from pysdmx.model import Organisation
    from pysdmx.model.message import Header

    structure = _structure(_code_lists(metrics, definitions, place))
    observations = _observations(metrics, definitions)
    dataset = PandasDataset(structure=structure.to_schema(), data=observations)
    write(dataset, Format.DATA_SDMX_CSV_2_0_0, output_path=str(folder / "metrics.sdmx.csv"))
    header = Header(
        id=f"{structure.id}_{prepared:%Y%m%d%H%M%S}",
        prepared=prepared,
        sender=Organisation(id=_AGENCY),
    )
    concepts = _concepts()
    lists = [c.local_codes for c in structure.components if c.local_codes]
    write(
        [*lists, concepts, structure],
        Format.STRUCTURE_SDMX_JSON_2_0_0,
        output_path=str(folder / "metrics.sdmx.json"),
        header=header,
    )


def _observations(metrics: pd.DataFrame, definitions: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    filed_by = definitions.set_index("indicator_id")["filed_by"]
    is_of_schools = metrics["indicator_id"].map(filed_by) != "bureau"

    def schools(part: str) -> pd.Series:
        return metrics[part].astype(str).where(is_of_schools, "")

    return pd.DataFrame(
        {
            "REF_AREA": metrics["city_code"],
            "INDICATOR": metrics["indicator_id"],
            "TIME_PERIOD": metrics["year"].astype(str),
            "OBS_VALUE": metrics["value_printed"].fillna(""),
            "OBS_STATUS": metrics["status"].map(_OBSERVATION),
            "UNIT_MEASURE": metrics["unit"].map(unit_key),
            "DECIMALS": metrics["decimals"].astype(str),
            "SCHOOLS_COUNTED": schools("schools_counted"),
            "SCHOOLS_EXPECTED": schools("schools_expected"),
        }
    )


def _code_lists(
    metrics: pd.DataFrame, definitions: pd.DataFrame, place: Mapping[str, Any]
) -> dict[str, Codelist]:
    """Return the code list of each component that has one."""
    indicators = {
        row["indicator_id"]: Text(row["name_zh"], row["name_en"])
        for row in definitions.to_dict("records")
    }
    units = {unit_key(unit): unit_of(unit) for unit in sorted(set(metrics["unit"]))}
    areas = {place["city_code"]: Text(place["name_zh"], place["name_en"])}
    return {
        "REF_AREA": _codes("CL_REF_AREA", _DIMENSIONS["REF_AREA"], areas),
        "INDICATOR": _codes("CL_INDICATOR", _DIMENSIONS["INDICATOR"], indicators),
        "OBS_STATUS": _codes("CL_OBS_STATUS", _ATTRIBUTES["OBS_STATUS"], _OBSERVATIONS),
        "UNIT_MEASURE": _codes("CL_UNIT_MEASURE", _ATTRIBUTES["UNIT_MEASURE"], units),
    }


def _codes(list_id: str, name: Text, words: Mapping[str, Text]) -> Codelist:
    from pysdmx.model import Code, Codelist

    codes = [Code(id=code, name=str(word)) for code, word in words.items()]
    return Codelist(id=list_id, name=str(name), agency=_AGENCY, version=_VERSION, items=codes)


def _concepts() -> Any:
    from pysdmx.model import Concept, ConceptScheme, DataType

    words = {**_DIMENSIONS, **_MEASURES, **_ATTRIBUTES}
    return ConceptScheme(
        id=_SCHEME,
        name=str(Text("年报指标的概念", "Concepts of the yearly indicators")),
        agency=_AGENCY,
        version=_VERSION,
        items=[Concept(n, name=str(word), dtype=DataType.STRING) for n, word in words.items()],
    )


def _structure(lists: Mapping[str, Codelist]) -> DataStructureDefinition:
    from pysdmx.model import (
        Component,
        Components,
        DataStructureDefinition,
        DataType,
        ItemReference,
        Role,
    )

    def component(name: str, role: Role) -> Component:
        codes = lists.get(name)
        urn = "urn:sdmx:org.sdmx.infomodel.codelist.Codelist"
        return Component(
            *(name, True, role),
            ItemReference("Concept", _AGENCY, _SCHEME, _VERSION, name),
            local_dtype=DataType.STRING,
            local_codes=codes,
            local_enum_ref=f"{urn}={_AGENCY}:{codes.id}({_VERSION})" if codes else None,
            attachment_level="O" if role is Role.ATTRIBUTE else None,
        )

    roles = {Role.DIMENSION: _DIMENSIONS, Role.MEASURE: _MEASURES, Role.ATTRIBUTE: _ATTRIBUTES}
    return DataStructureDefinition(
        id="CITY_YEARLY_METRICS",
        name=str(Text("城市年度指标", "Yearly indicators of a city")),
        agency=_AGENCY,
        version=_VERSION,
        components=Components([component(n, role) for role, ns in roles.items() for n in ns]),
    )
