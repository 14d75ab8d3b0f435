"""What intake can find wrong with a file: the kinds, declared once.

What belongs here: the list of kinds, the record of one problem, the exception of a file that has
no content to speak of. What does not: sentences and severities; those are the submission gate's.
"""

from __future__ import annotations

from dataclasses import dataclass

PROBLEM_KINDS = frozenset(
    {
        "cell_is_a_formula_without_value",
        "cell_is_ambiguous",
        "cell_is_an_error",
        "cell_is_not_a_date",
        "cell_is_not_a_number",
        "cell_is_not_yes_or_no",
        "code_is_not_in_list",
        "column_is_missing",
        "column_is_unknown",
        "count_has_decimals",
        "file_is_another_form",
        "file_is_broken",
        "file_is_empty",
        "file_is_encrypted",
        "file_is_not_a_workbook",
        "file_is_too_large",
        "label_is_repeated",
        "number_is_negative",
        "problem_list_was_edited",
        "required_cell_is_empty",
        "school_is_unknown",
        "sheet_is_hidden",
        "sheet_is_missing",
        "sheet_is_repeated",
        "sheet_is_unknown",
        "text_holds_identity_number",
        "text_holds_mobile_number",
        "two_files_for_one_school",
        "year_is_not_the_inbox_year",
    }
)


@dataclass
class Problem:
    """One thing that could not be read for certain; `kind` is a rule's id.

    Raises `ValueError` for a kind that is not declared: no rule would speak of it.
    """

    kind: str
    sheet: str = ""
    cell: str = ""
    column_id: str = ""
    typed: str = ""
    zh: str = ""
    en: str = ""

    def __post_init__(self) -> None:
        if self.kind not in PROBLEM_KINDS:
            raise ValueError(f"problems.py declares no problem kind {self.kind}")


class UnreadableFile(Exception):
    """A file that cannot be read as a workbook; `kind` is the rule it breaks."""

    def __init__(self, kind: str, zh: str, en: str) -> None:
        """Take the rule's id and what to add to its sentence, in both languages."""
        super().__init__(f"{zh} {en}")
        self.kind, self.zh, self.en = kind, zh, en
