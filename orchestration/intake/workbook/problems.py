"""What intake can find wrong with a file: the kinds, declared once.

What belongs here: the list of kinds, the record of one problem, the exception of a file that has
no content to speak of. What does not: sentences and severities; those are the submission gate's
(expectations/submission/), a rule for each kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from orchestration.ground.text import NianbaoError, Term, Text


class ProblemKind(Term):
    """What can be wrong; each is the id of a rule, and has the few words of a receipt."""

    cell_is_a_formula_without_value = (
        "cell_is_a_formula_without_value",
        "公式没有计算结果",
        "a formula without a result",
    )
    cell_is_a_picture = "cell_is_a_picture", "是图片", "a picture"
    cell_is_ambiguous = "cell_is_ambiguous", "内容不确定", "not definite"
    cell_is_an_error = "cell_is_an_error", "公式错误", "an error of a formula"
    cell_is_not_a_date = "cell_is_not_a_date", "不是日期", "no date"
    cell_is_not_a_number = "cell_is_not_a_number", "不是数字", "no number"
    cell_is_not_yes_or_no = "cell_is_not_yes_or_no", "不是“是”或“否”", "neither yes nor no"
    cell_is_struck_out = "cell_is_struck_out", "被划去", "struck out"
    cell_names_several = "cell_names_several", "一格有几个名称", "several names in one cell"
    cell_shows_nothing = "cell_shows_nothing", "看不到内容", "nothing can be seen"
    cell_shows_otherwise = "cell_shows_otherwise", "显示与存储不同", "shown otherwise than stored"
    cells_are_covered = "cells_are_covered", "被图片等盖住", "covered by a picture or the like"
    code_is_not_in_list = "code_is_not_in_list", "不在可选范围内", "not on the list"
    column_is_missing = "column_is_missing", "缺少栏目", "a label is missing"
    column_is_unknown = "column_is_unknown", "不是报表的栏目", "no label of the form"
    content_is_not_read = "content_is_not_read", "不在报表的栏目内", "in no place of the form"
    count_has_decimals = "count_has_decimals", "应为整数", "not a whole number"
    example_row_is_passed_over = "example_row_is_passed_over", "示例行", "an example"
    file_is_another_form = "file_is_another_form", "不是本年度的报表", "not this year's form"
    file_is_broken = "file_is_broken", "文件损坏", "a damaged file"
    file_is_empty = "file_is_empty", "空文件", "an empty file"
    file_is_encrypted = "file_is_encrypted", "文件有密码", "protected by a password"
    file_is_not_a_workbook = "file_is_not_a_workbook", "不是工作簿", "no workbook"
    file_is_too_large = "file_is_too_large", "文件过大", "too large"
    file_stops_the_program = "file_stops_the_program", "程序出错", "the program failed over it"
    filer_is_contradicted = "filer_is_contradicted", "填报单位不一致", "filers that do not agree"
    label_is_qualified = "label_is_qualified", "栏目名称加了限定", "a label with words added"
    label_is_repeated = "label_is_repeated", "栏目重复", "a repeated label"
    number_is_negative = "number_is_negative", "小于零", "below zero"
    problem_list_was_edited = (
        "problem_list_was_edited",
        "问题清单被改动",
        "a changed list of problems",
    )
    required_cell_is_empty = "required_cell_is_empty", "必填项未填", "required and empty"
    row_may_be_a_note = "row_may_be_a_note", "可能不是记录", "may be no record"
    text_says_otherwise = "text_says_otherwise", "可能不是本年度应报的数", "may be other figures"
    rows_are_hidden = "rows_are_hidden", "隐藏的行列", "hidden rows or columns"
    school_is_unknown = "school_is_unknown", "代码不在名册中", "a code on no roster"
    shown_number_is_rounded = "shown_number_is_rounded", "显示的是舍入后的数", "shown rounded"
    sheet_is_hidden = "sheet_is_hidden", "隐藏的工作表", "a hidden sheet"
    sheet_is_missing = "sheet_is_missing", "缺少工作表", "a sheet is missing"
    sheets_compete = "sheets_compete", "两张工作表填同一张报表", "two sheets for one table"
    text_holds_identity_number = (
        "text_holds_identity_number",
        "含身份证号",
        "an identity-card number",
    )
    text_holds_mobile_number = "text_holds_mobile_number", "含手机号", "a mobile number"
    total_differs_from_its_rows = (
        "total_differs_from_its_rows",
        "合计与各行不符",
        "not the sum of its rows",
    )
    two_files_for_one_school = (
        "two_files_for_one_school",
        "同一单位有多个文件",
        "several files of one filer",
    )
    unit_is_not_known = "unit_is_not_known", "单位不能确定", "an uncertain unit"
    values_compete = "values_compete", "不能确定是应报的数", "an uncertain value"
    year_is_not_the_inbox_year = "year_is_not_the_inbox_year", "年度不符", "another year"


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
