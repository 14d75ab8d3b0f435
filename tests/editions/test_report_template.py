"""A report template that is broken or asks for what is not there, in the life of an edition."""

import shutil

import pytest
from story import CITY, YEAR, sign

from orchestration.editions import history
from orchestration.editions.verify import verify_all
from orchestration.ground.ledger import Ledger
from orchestration.line.outcome import city_status
from orchestration.publishing.publish import publish_edition


@pytest.fixture
def home(story, tmp_path):
    home = type(story.home)(tmp_path / "home")
    shutil.copytree(story.before_release.root, home.root)
    return home


def template(home, text):
    """Let the bureau save a template with one paragraph."""
    import docx

    document = docx.Document()
    document.add_heading("第一章 规模", 1)
    document.add_paragraph(text)
    document.save(home.cities / CITY / "report.docx")


BROKEN = {
    "an_unknown_name": ("在校生 {{ enroled }} 人", "enroled"),
    "a_tag_that_does_not_close": ("在校生 {{ enrolled 人", "{{ enrolled"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_template_that_stops_the_report_leaves_the_figures_published_and_unsigned(home, name):
    """Nothing is half there: figures, trace and manifest are, and the manifest says what is not."""
    text, said = BROKEN[name]
    template(home, text)
    with Ledger(f"sqlite:///{home.ledger}") as ledger:
        made = publish_edition(home, ledger, CITY, YEAR)
        assert (made.edition.number, made.is_new) == (2, True)
        assert verify_all(home, ledger) == (2, [])
        report = made.edition.manifest()["report"]
        assert report["state"] == "stopped"
        (place,) = report["places"]
        assert said in f"{place['zh']}{place['where']}{place['placeholder']}"
        assert "第一章 规模" in place["heading"]
        assert not (made.edition.folder / "report.docx").exists()
        assert not (made.edition.folder / "page.html").exists()
        assert (made.edition.folder / "metrics.xlsx").exists()
        with pytest.raises(history.EditionRefused, match="report"):
            sign(home, ledger, 2)


def test_a_figure_that_the_city_has_not_leaves_a_dash_and_never_removes_the_report(home):
    template(home, "牵头院校 {{ lead_colleges }} 所")
    with Ledger(f"sqlite:///{home.ledger}") as ledger:
        made = publish_edition(home, ledger, CITY, YEAR)
        assert verify_all(home, ledger) == (2, [])
        report = made.edition.manifest()["report"]
        assert (report["state"], report["places"]) == ("made", [])
        (place,) = report["lacks"]
        assert "第一章 规模" in place["heading"] and "lead_colleges" in place["placeholder"]
        assert "牵头院校 —（无数据） 所" in (made.edition.folder / "page.html").read_text("utf-8")
        assert [str(said.zh) for said in made.edition.report_lacks()] == [place["zh"]]
    (status,) = [one for one in city_status(home, YEAR) if one.city == CITY]
    assert [said.zh for said in status.report_lacks] == [place["zh"]]


def test_a_mended_template_makes_a_new_edition_that_can_be_signed(home):
    with Ledger(f"sqlite:///{home.ledger}") as ledger:
        template(home, "在校生 {{ enroled }} 人")
        publish_edition(home, ledger, CITY, YEAR)
        template(home, "在校生 {{ enrolled }} 人")
        mended = publish_edition(home, ledger, CITY, YEAR)
        assert (mended.edition.number, mended.is_new) == (3, True)
        assert (mended.edition.folder / "report.docx").exists()
        sign(home, ledger, 3)
        again = publish_edition(home, ledger, CITY, YEAR)
        assert not again.is_new


def test_a_file_that_word_did_not_write_stops_the_report_alone(home):
    (home.cities / CITY / "report.docx").write_bytes(b"PK\x03\x04 not a document")
    with Ledger(f"sqlite:///{home.ledger}") as ledger:
        made = publish_edition(home, ledger, CITY, YEAR)
        assert made.edition.manifest()["report"]["state"] == "stopped"
        assert verify_all(home, ledger) == (2, [])
