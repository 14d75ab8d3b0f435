"""The forms as they are declared, and what a form of the home's own may do."""

import shutil

import pytest
import yaml

from orchestration.forms.contract import (
    BrokenForm,
    UnknownFormYear,
    load_codes,
    load_form,
    load_units,
)
from orchestration.ground.home import REPOSITORY
from orchestration.intake.layout.labels import plain, plain_sheet
from orchestration.intake.plain_text import narrow

ROOT = REPOSITORY / "forms"
YEARS = [2023, 2024]
every_year = pytest.mark.parametrize("year", YEARS)


@pytest.fixture
def own(tmp_path):
    """A folder of forms like a home's, which wins over the repository's."""
    folder = tmp_path / "forms"
    folder.mkdir()
    return folder


def write(folder, year, text):
    (folder / str(year)).mkdir()
    (folder / str(year) / "form.yml").write_text(yaml.safe_dump(text), encoding="utf-8")


@every_year
def test_sheets_and_labels_are_told_apart_as_the_reader_sees_them(year):
    form = load_form(year, [ROOT])
    for filer in ("school", "bureau"):
        names = [plain_sheet(table.sheet) for table in form.filed_by(filer)]
        assert len(set(names)) == len(names)
        assert all(len(table.sheet) <= 31 for table in form.filed_by(filer))
    for table in form.tables.values():
        labels = [plain(column.label) for column in table.columns]
        assert len(set(labels)) == len(labels) == len({column.id for column in table.columns})


@every_year
def test_every_label_is_bilingual(year):
    for table in load_form(year, [ROOT]).tables.values():
        assert table.sheet_en
        for column in table.columns:
            assert column.label_en.isascii()
            assert not column.label.isascii()


def test_the_form_of_2023_differs_by_labels_order_and_absent_columns_only():
    new, old = (load_form(year, [ROOT]).tables for year in (2024, 2023))
    assert set(old) == set(new)
    assert list(old) != list(new)
    for name, table in old.items():
        theirs = {column.id: column for column in new[name].columns}
        for column in table.columns:
            assert column.type == theirs[column.id].type
            assert column.unit == theirs[column.id].unit
    assert old["cover"].columns[0].label == "学校代码"
    assert [c.id for c in old["students"].columns][:2] == ["enrolled", "entrants"]
    assert "bandwidth_mbps" not in {column.id for column in old["conditions"].columns}


def test_the_words_of_a_code_list_are_told_apart():
    for name, codes in load_codes([ROOT]).items():
        words = [narrow(word) for code in codes for word in (code.zh, *code.aliases)]
        assert len(set(words)) == len(words), name
        assert len({code.code for code in codes}) == len(codes), name


def test_every_unit_of_a_column_can_be_said_as_it_is_shown():
    form = load_form(2024, [ROOT])
    used = {c.unit for t in form.tables.values() for c in t.columns} - {None}
    assert len(used) > 10
    units = load_units()
    assert [name for name in used if units[name].text.zh not in units[name].suffixes] == []
    # A sign of per cent is no unit to leave out: what it means is for the reader to say.
    assert "percent" not in used


def test_a_year_without_a_form_says_what_to_add_in_both_languages():
    with pytest.raises(UnknownFormYear, match=r"没有 1999 年的报表.*There is no form for 1999"):
        load_form(1999, [ROOT])


def test_a_homes_own_form_and_codes_win(own):
    write(own, 2025, {**base(2025), "labels": {"students.enrolled": "在学人数"}})
    (own / "codes.yml").write_text(
        yaml.safe_dump({"theme": [{"code": "space", "zh": "航天", "en": "space"}]}),
        encoding="utf-8",
    )
    form = load_form(2025, [ROOT, own])
    labels = {column.id: column.label for column in form.tables["students"].columns}
    assert labels["enrolled"] == "在学人数"
    assert [code.zh for code in form.codes["theme"]] == ["航天"]
    listed = load_codes([ROOT])["ownership"]
    assert [code.zh for code in form.codes["ownership"]] == [code.zh for code in listed]
    with pytest.raises(UnknownFormYear):
        load_form(2025, [ROOT])


def base(year):
    """A form of another year that differs from 2024 in nothing."""
    new = yaml.safe_load((ROOT / "2024" / "form.yml").read_text(encoding="utf-8"))
    return {**new, "year": year, "based_on": 2024}


@pytest.mark.parametrize(
    "difference",
    [
        {"labels": {"students.enroled": "在学人数"}},
        {"labels": {"pupils.enrolled": "在学人数"}},
        {"absent": {"students": ["enroled"]}},
        {"order": {"students": ["enroled"]}},
        {"sheets": {"pupils": "学生"}},
    ],
)
def test_a_difference_from_a_column_that_is_not_there_is_named(own, difference):
    write(own, 2026, {**base(2026), **difference})
    with pytest.raises(BrokenForm, match=r"2026.*(enroled|pupils)"):
        load_form(2026, [ROOT, own])


def declare(folder, change):
    """A form of 2027 like that of 2024, but for the column students.entrants."""
    shutil.copytree(ROOT / "2024", folder / "2027")
    path = folder / "2027" / "students.yml"
    text = yaml.safe_load(path.read_text(encoding="utf-8"))
    text["columns"][0] |= change
    path.write_text(yaml.safe_dump(text), encoding="utf-8")


@pytest.mark.parametrize(
    "change", [{"type": "number"}, {"unit": "furlong"}, {"type": "code", "codes": "nowhere"}]
)
def test_a_column_of_an_undeclared_type_unit_or_list_is_named(own, change):
    declare(own, change)
    with pytest.raises(BrokenForm, match=r"students\.entrants"):
        load_form(2027, [ROOT, own])


def test_a_column_may_be_absent_or_required_but_not_both(own):
    declare(own, {"required": True, "may_be_absent": True})
    with pytest.raises(BrokenForm, match=r"students\.entrants.*不能缺.*cannot be absent"):
        load_form(2027, [ROOT, own])


def test_a_column_may_be_absent_only_where_its_form_says_so(own):
    declare(own, {"required": False, "may_be_absent": True})
    students = load_form(2027, [ROOT, own]).tables["students"]
    assert [c.id for c in students.columns if c.may_be_absent] == ["entrants"]
