"""What intake can find wrong with a file: the kinds, declared once.

What belongs here: the list of kinds, the record of one problem, the exception of a file that has
no content to speak of. What does not: sentences and severities; those are the submission gate's
(expectations/submission/), a rule for each kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, auto

from orchestration.ground.text import NianbaoError, Text


class ProblemKind(StrEnum):
    """What can be wrong; each is the id of a rule."""

    cell_is_a_formula_without_value = auto()
    cell_is_a_picture = auto()
    cell_is_ambiguous = auto()
    cell_is_an_error = auto()
    cell_is_not_a_date = auto()
    cell_is_not_a_number = auto()
    cell_is_not_yes_or_no = auto()
    cell_is_struck_out = auto()
    cell_shows_nothing = auto()
    cell_shows_otherwise = auto()
    code_is_not_in_list = auto()
    column_is_missing = auto()
    column_is_unknown = auto()
    content_is_not_read = auto()
    count_has_decimals = auto()
    example_row_is_passed_over = auto()
    file_is_another_form = auto()
    file_is_broken = auto()
    file_is_empty = auto()
    file_is_encrypted = auto()
    file_is_not_a_workbook = auto()
    file_is_too_large = auto()
    file_stops_the_program = auto()
    filer_is_contradicted = auto()
    label_is_qualified = auto()
    label_is_repeated = auto()
    number_is_negative = auto()
    problem_list_was_edited = auto()
    required_cell_is_empty = auto()
    row_may_be_a_note = auto()
    text_says_otherwise = auto()
    rows_are_hidden = auto()
    school_is_unknown = auto()
    shown_number_is_rounded = auto()
    sheet_is_hidden = auto()
    sheet_is_missing = auto()
    sheets_compete = auto()
    text_holds_identity_number = auto()
    text_holds_mobile_number = auto()
    total_differs_from_its_rows = auto()
    two_files_for_one_school = auto()
    unit_is_not_known = auto()
    values_compete = auto()
    year_is_not_the_inbox_year = auto()


@dataclass
class Problem:
    """One thing that could not be read for certain; `detail` is what its rule's sentence adds."""

    kind: ProblemKind
    sheet: str = ""
    cell: str = ""
    column_id: str = ""
    typed: str = ""
    detail: Text = field(default_factory=lambda: Text("", ""))


class UnreadableFile(NianbaoError):
    """A file that cannot be read as a workbook; `kind` is the rule it breaks."""

    def __init__(self, kind: ProblemKind, zh: str, en: str, sheet: str = "") -> None:
        """Take the rule's id, what to add to its sentence, and the sheet where it is one's."""
        super().__init__(zh, en, sheet)
        self.kind = kind
        self.args = (kind, zh, en, sheet)
