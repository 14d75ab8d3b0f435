"""Totals: what a school is told of one, and which records are the sums of others."""

import io
from time import process_time

import openpyxl
import pytest
from workbooks import Book, as_saved_by_excel, kinds, places, read, saved

from orchestration.intake.layout.row_words import is_a_name, is_plain_total, row_word, says_none
from orchestration.intake.reading.sums.of_groups import sums_of_neighbours
from orchestration.intake.reading.sums.of_others import sums_of_others


def with_row(*values):
    book = Book()
    book.sheets["专业设置"].append(list(values))
    return read(book.xlsx())


def total_problem(found):
    (problem,) = [p for p in found.problems if p.kind == "total_differs_from_its_rows"]
    return problem


def test_a_total_is_named_by_its_word_and_the_cell_it_stands_in():
    problem = total_problem(with_row("610101", "合计数", None, None, 61, 175))
    assert (problem.cell, problem.typed) == ("B5", "合计数")
    assert problem.detail.zh == "招生数 61（各行之和 60）"


def test_a_total_that_was_not_computed_says_so():
    book = Book()
    book.sheets["专业设置"].append(["合计", None, None, None, "=SUM(E3:E4)"])
    opened = openpyxl.load_workbook(io.BytesIO(book.xlsx()))
    found = read(as_saved_by_excel(saved(opened.save)))
    assert total_problem(found).detail.zh == "E5 的公式没有计算结果"


def test_a_total_of_no_number_is_asked_about_unless_it_stands_alone():
    assert kinds(with_row("合计")) == []
    assert total_problem(with_row("合计", "全校")).detail.zh == "该行没有可核对的数"


def test_nobody_is_asked_twice_at_one_cell():
    book = Book()
    book.sheets["专业设置"].append(["注1：新设", "作物生产技术", None, None, 1, 1])
    found = read(book.xlsx())
    assert places(found, "row_may_be_a_note") == ["专业设置!A5"]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([([1.0], False), ([2.0], False), ([3.0], False)], [2]),
        ([([3.0], False), ([1.0], False), ([2.0], False)], [0]),
        ([([3.0], False), ([3.0], False), ([0.0], False)], []),
        ([([1.0], True), ([2.0], True), ([3.0], True)], []),
        ([([1.0, 2, 3], True), ([1.0, 2, 3], True), ([2.0, 4, 6], True)], [2]),
        ([([1.0, 0, 1], True), ([1.0, 1, 0], True), ([2.0, 1, 1], True)], []),
    ],
)
def test_a_record_is_the_sum_of_two_others_at_least_and_by_no_accident(rows, found):
    assert list(sums_of_others(rows, [])) == found


def test_a_record_may_be_the_sum_of_those_below_the_last_total():
    rows = [([9.0], False), ([1.0], False), ([2.0], False), ([3.0], False), ([8.0], False)]
    assert list(sums_of_others(rows, [1])) == [3]
    assert list(sums_of_others(rows, [])) == []


@pytest.mark.parametrize("text", ["合计", "合 计：", "（小计）", "總計", "Sub-total", "合计20家"])
def test_some_words_could_be_no_part_of_a_name(text):
    assert is_plain_total(text)


@pytest.mark.parametrize(
    "text", ["财务报表汇总", "捐赠总额", "全年合计", "共计机电工程", "汇总分析"]
)
def test_other_words_could(text):
    assert not is_plain_total(text)


def test_a_name_that_begins_like_a_total_is_none():
    for text in ("共5G科技有限公司", "小计3D打印公司", "总额宝金融服务有限公司"):
        assert row_word(text) is None and is_a_name(text)


def test_a_sentence_that_nothing_is_there_is_no_name_that_begins_like_it():
    for text in ("无", "本年度无国际合作项目", "未开展", "本校无此项"):
        assert says_none(text)
    for text in ("无锡先导智能装备", "无人机驾驶", "未来科技有限公司", "没有围墙教育"):
        assert not says_none(text)


def test_thousands_of_subtotals_take_no_longer_than_as_many_rows():
    book = Book()
    for number in range(3000):
        book.sheets["专业设置"] += [
            ["710101", f"专业{number}", None, None, 1, 2],
            ["小计", None, None, None, 1 + number % 2, 2],
        ]
    begun = process_time()
    found = read(book.csv_zip("utf-8"), "9900000001.csv.zip")
    assert process_time() - begun < 8
    problems = [p for p in found.problems if p.kind == "total_differs_from_its_rows"]
    # Of every other one the row above it is the sum, and of one more all of them.
    assert 1400 < len(problems) <= 1500
    assert problems[-1].detail.zh == "招生数 2（各行之和 1）"


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        # one column, and no word that is odd: too little; 41 and 87 and 128 in three are enough
        ([(9,), (41,), (87,), (128,)], []),
        ([(9, 8, 7), (41, 36, 39), (87, 81, 77), (128, 117, 116)], [(3, 1, 2)]),
        ([(128, 117, 116), (41, 36, 39), (87, 81, 77), (9, 8, 7)], [(0, 1, 2)]),
        # the same count in three columns is one number, as is a class twice
        ([(9, 9, 9), (41, 41, 41), (87, 87, 87), (128, 128, 128)], []),
        ([(9, 8, 7), (41, 36, 39), (41, 36, 39), (82, 72, 78)], []),
        # small and round numbers
        ([(9, 8, 7), (1, 1, 1), (1, 2, 1), (2, 3, 2)], []),
        ([(9, 8, 7), (100, 200, 100), (300, 100, 100), (400, 300, 200)], []),
        # one row alone, and a column that does not agree
        ([(9, 8, 7), (128, 117, 116), (128, 117, 116), (3, 1, 2)], []),
        ([(9, 8, 7), (41, 36, 39), (87, 81, 77), (128, 117, 115)], []),
    ],
)
def test_a_record_is_the_sum_of_those_beside_it_by_no_accident(rows, found):
    columns = [tuple(map(float, column)) for column in zip(*rows, strict=True)]
    assert sums_of_neighbours(columns, lambda block: False) == found


def test_less_is_asked_of_a_record_that_is_odd_among_its_like():
    columns = [(9.0, 41.0, 87.0, 128.0)]
    assert sums_of_neighbours(columns, lambda block: True) == [(3, 1, 2)]
    assert sums_of_neighbours([(9.0, 1.0, 1.0, 2.0)], lambda block: True) == []


def test_a_category_over_its_specialities_is_told_with_their_rows():
    book = Book()
    book.sheets["专业设置"] += [
        ["7102", "信息技术类", None, None, 78, 227],
        ["710201", "计算机应用", None, None, 40, 118],
        ["710204", "数字媒体技术应用", None, None, 38, 109],
        ["720201", "护理", None, None, 45, 131],
    ]
    (problem,) = [p for p in read(book.xlsx()).problems if p.kind == "row_may_be_a_note"]
    assert (problem.cell, problem.typed) == ("A5", "7102")
    assert problem.detail.zh == "，各数等于第 6 至 7 行之和，是合计吗"
