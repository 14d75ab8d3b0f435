"""What the columns say that no dbt model describes, declared once.

What belongs here: the columns of an edition's own tables and of those over all editions, which
data package, analysts' database and tests read. What does not: columns of marts, which are
described in dbt_project/, and what stands above a column (forms/headings.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from orchestration.editions.contents import METRICS
from orchestration.forms.headings import HEADINGS

_EVERYWHERE = {
    "city": "City, as its folder is named",
    "year": "Reporting year",
    "edition": "Number of the edition, 1 for v1",
}
_OWN = {
    METRICS: {
        "data_origin": "filed, or synthetic sample where schools' figures are made up",
        "is_comparable": (
            "Whether previous_value is of the same thing, over comparable schools, as in "
            "fct_indicator_trend; null where there is nothing to compare"
        ),
        "break_zh": "Why the two years cannot be compared, in Chinese; else null",
        "break_en": "The same in English",
    },
    "revision": {
        "compared_with": "The edition that this one is held against",
        "indicator_id": "The figure that moved, as in dim_indicator",
        "name_zh": "Its name",
        "name_en": "Its English name",
        "unit": "Its unit",
        "value_before": "Its value in the older edition; null where it had none",
        "value_after": "Its value in this edition; null where it has none",
        "difference": "value_after less value_before, the sum of the changes of all causes",
        "printed_before": "As the older edition printed it",
        "printed_after": "As this edition prints it",
        "cause": "What moved it; each cause that acts has a row",
        "cause_zh": "The cause in Chinese",
        "cause_en": "The cause in English",
        "change": (
            "The part of the difference that this cause makes, causes taken one after the other"
        ),
        "schools": "The schools whose submissions the cause acts on",
    },
    "city": {
        "city_code": "Division code of the city",
        "name_zh": "Name in Chinese",
        "name_en": "Name in English",
        "province_code": "Division code of its province",
        "province_name_zh": "Name of the province in Chinese",
        "province_name_en": "Name of the province in English",
        "is_synthetic": "Whether the schools' figures are made up",
    },
    "deadline": {
        "school_code": "The school whose due date it is; null for the city's own",
        "due_on": "The day by whose end a workbook is due, in the home's time zone",
        "extension_reason": "Why the school has another date; null for the city's own",
    },
    "input": {
        "year": "Reporting year of the submission, this one or one before it",
        "filed_by": "school or bureau",
        "school_code": "The school that filed it; null for a bureau",
        "submission_id": "The submission that counts, see fct_submission",
        "file_name": "Its file as it was handed in",
        "file_hash": "SHA-256 of the file, its address in the archive",
        "received_at": "When it was taken in, ISO 8601",
    },
    "data_dictionary": {
        "table_name": "Table of this edition",
        "column_index": "Place of the column in the table, from 1",
        "column_name": "The column",
        "data_type": "Its type in the warehouse",
        "description": "What it holds",
    },
    "fct_edition": {
        "state": "provisional, final, revised or withdrawn",
        "status": "How it was published: provisional, final or revised",
        "is_current": "Whether it stands: the newest that is not withdrawn",
        "is_current_final": (
            "Whether its figures are final now: the newest final or revised one that stands"
        ),
        "published_at": "When it was published",
        "made_from": "The provisional edition that was signed; null for a provisional one",
        "signed_by": "Who signed it, or what it was made from; null while nobody has",
        "note": "Public note of who signed it",
        "withdrawn_at": "When it was withdrawn",
        "stood_until": "When it or the final edition made of it was withdrawn; else null",
        "withdrawal_note": "Why it was withdrawn",
        "content_hash": "Hash of all tables it holds",
    },
    "fct_city_gate": {
        "verdict": "passed, or blocked by a must",
        "must_open": "Findings of class must",
        "explain_open": "Findings of class explain that nobody has answered",
        "explained": "Findings of class explain that were answered",
    },
}


def descriptions(table: str, columns: Iterable[str]) -> dict[str, str]:
    """Return what is declared here of a table's columns, in their order."""
    declared: Mapping[str, str] = {**_EVERYWHERE, **_OWN.get(table, {})}
    return {name: declared[name] for name in columns if name in declared}


def labelled(column: str, description: str) -> str:
    """Return a description with what stands above the column in Chinese before it."""
    return f"{HEADINGS[column].zh}：{description}" if column in HEADINGS else description
