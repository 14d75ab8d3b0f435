"""An edition's life: provisional, signed, final, revised, withdrawn; and what each step asks."""

import csv
import shutil
from datetime import UTC, datetime, timedelta

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from story import CITY, CORRECTED, YEAR, add_to, go_through_the_line, inbox_file, sign

from orchestration.editions import history, signing
from orchestration.editions.checklist import checklist
from orchestration.editions.contents import read_tables
from orchestration.ground.ledger import Ledger
from orchestration.publishing.publish import release_due


@pytest.fixture
def unsigned(story, tmp_path):
    """A copy of the home with nothing but its first, provisional edition."""
    home = type(story.home)(tmp_path / "home")
    shutil.copytree(story.before_release.root, home.root)
    with Ledger(f"sqlite:///{home.ledger}") as ledger:
        yield home, ledger


def states(home, ledger):
    return [(e.number, e.state) for e in history.city_year(home, ledger, CITY, YEAR).editions]


def test_the_story_goes_from_provisional_to_revised(story):
    assert (story.first.edition.number, story.first.is_new) == (1, True)
    assert states(story.home, story.ledger) == [
        *((1, "provisional"), (2, "final"), (3, "provisional"), (4, "revised"))
    ]
    assert [e.made_from for e in (story.final, story.revised)] == [1, 3]


def test_a_run_without_news_makes_no_edition_although_the_newest_is_signed(story):
    assert not story.third.is_new
    assert story.third.edition.number == 4


def test_a_final_edition_holds_the_signed_figures_and_nothing_else_changed(story):
    before, after = read_tables(story.first.edition.folder), read_tables(story.final.folder)
    assert before.keys() == after.keys()
    for name, table in before.items():
        columns = [c for c in table.column_names if c != "status"]
        assert table.select(columns).equals(after[name].select(columns)), name
    said = {row["status"] for row in after["city_yearly_metrics"].to_pylist()}
    assert "provisional" not in said and "final" in said


def test_a_revised_edition_marks_the_figures_that_moved(story):
    tables = read_tables(story.revised.folder)
    moved = {row["indicator_id"] for row in tables["revision"].to_pylist()}
    for row in tables["city_yearly_metrics"].to_pylist():
        if row["status"] != "withheld":
            expected = "revised" if row["indicator_id"] in moved else "final"
            assert row["status"] == expected, row["indicator_id"]


def test_nothing_is_released_before_its_time(unsigned):
    home, ledger = unsigned
    now = datetime.now(UTC)
    sign(home, ledger, 1, release_at=now + timedelta(days=3))
    assert release_due(home, ledger, now + timedelta(days=2)) == []
    assert states(home, ledger) == [(1, "provisional")]
    made = release_due(home, ledger, now + timedelta(days=3, seconds=1))
    assert [(e.number, e.status) for e in made] == [(2, "final")]
    assert release_due(home, ledger, now + timedelta(days=4)) == []


def test_an_edition_is_signed_once(unsigned):
    home, ledger = unsigned
    sign(home, ledger, 1)
    with pytest.raises(history.EditionRefused, match="signed"):
        sign(home, ledger, 1)


def test_newer_figures_are_not_released_before_older_ones_that_wait(unsigned):
    """Else the older come out last, as the revision of the newer."""
    home, ledger = unsigned
    soon, later = (datetime.now(UTC) + timedelta(days=days) for days in (3, 5))
    sign(home, ledger, 1, release_at=later)
    add_to(inbox_file(home, CORRECTED), "办学条件", "图书册数", 7)
    assert go_through_the_line(home, ledger).edition.number == 2
    for too_soon in (None, soon):
        with pytest.raises(history.EditionRefused, match="先撤回 v1") as refused:
            sign(home, ledger, 2, by="赵批准", release_at=too_soon)
        said = str(refused.value)
        assert "v1 已批准，定于" in said and "cannot be released before it" in said
    sign(home, ledger, 2, by="赵批准", release_at=later)
    made = release_due(home, ledger, later + timedelta(seconds=1))
    assert [(e.number, e.made_from, e.status) for e in made] == [
        *((3, 1, "final"), (4, 2, "revised")),
    ]
    assert history.city_year(home, ledger, CITY, YEAR).current.number == 4


def test_a_withdrawn_edition_is_neither_signed_nor_released_and_its_files_stay(unsigned):
    home, ledger = unsigned
    sign(home, ledger, 1, release_at=datetime.now(UTC) + timedelta(days=1))
    edition = history.city_year(home, ledger, CITY, YEAR).numbered(1)
    with pytest.raises(history.EditionRefused, match="public note"):
        signing.withdraw(home, ledger, edition, "李批准", "  ")
    signing.withdraw(home, ledger, edition, "李批准", "一所学校的数字有误。")
    with pytest.raises(history.EditionRefused, match="already"):
        signing.withdraw(home, ledger, edition, "李批准", "又一次")
    assert release_due(home, ledger, datetime.now(UTC) + timedelta(days=2)) == []
    assert (edition.folder / "manifest.json").exists()
    with (home.editions(CITY, YEAR) / "editions.csv").open(encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    assert (row["state"], row["状态"]) == ("withdrawn", "已撤回")
    # Until the release nobody is told what was wrong with figures that nobody has seen.
    assert row["withdrawal_note"] == ""


def item(home, ledger, number, id, **about):
    edition = history.city_year(home, ledger, CITY, YEAR).numbered(number)
    (found,) = [i for i in checklist(home, ledger, edition, **about) if i.id == id]
    return found


def test_the_checklist_says_what_is_met_and_what_only_matters(unsigned):
    assert item(*unsigned, 1, "schools_are_in").is_met
    found = item(*unsigned, 1, "data_are_filed")
    assert not found.is_met and not found.is_blocking


def test_a_city_whose_gate_is_not_green_now_cannot_be_signed(unsigned):
    home, ledger = unsigned
    verdicts = pd.read_parquet(home.gate / "city_verdicts.parquet")
    verdicts.assign(verdict="blocked").to_parquet(home.gate / "city_verdicts.parquet")
    assert not item(home, ledger, 1, "gate_is_green").is_met
    with pytest.raises(history.EditionRefused, match="gate"):
        sign(home, ledger, 1)


def test_an_older_edition_a_final_one_and_an_altered_one_cannot_be_signed(story, unsigned):
    assert not item(story.home, story.ledger, 1, "is_newest").is_met
    assert not item(story.home, story.ledger, 2, "is_provisional").is_met
    home, ledger = unsigned
    file = history.city_year(home, ledger, CITY, YEAR).numbered(1).folder / "metrics.csv"
    file.chmod(0o644)
    file.write_bytes(file.read_bytes() + b"\n")
    (only,) = checklist(home, ledger, history.city_year(home, ledger, CITY, YEAR).numbered(1))
    assert not only.is_met and "metrics.csv" in only.text.zh
    with pytest.raises(history.EditionRefused, match=r"metrics\.csv"):
        sign(home, ledger, 1)


def test_revising_final_figures_asks_for_a_note(story):
    home = story.before_revision
    with Ledger(f"sqlite:///{home.ledger}") as ledger:
        assert not item(home, ledger, 3, "revision_has_a_note").is_met
        assert not item(home, ledger, 3, "revision_has_a_note", note=" ").is_met
        assert item(home, ledger, 3, "revision_has_a_note", note="更正").is_met


ACCEPTED = {"verb": "accept", "asked_by": "赵专员", "decided_by": "王专员", "approved_by": "孙审批"}


@pytest.mark.parametrize(
    ("actor", "decision", "may_sign"),
    [
        ("赵专员", ACCEPTED, False),
        ("王专员", ACCEPTED, False),
        ("孙审批", ACCEPTED, False),
        (" 孙审批", ACCEPTED, False),
        ("孙\u3000审\u200b批", ACCEPTED, False),
        ("ＬＩ", ACCEPTED | {"decided_by": "li"}, False),
        ("孙审批（审批）", ACCEPTED, False),
        ("王专员科长", ACCEPTED, False),
        ("李批准", ACCEPTED, True),
        ("王专员", ACCEPTED | {"verb": "return"}, True),
    ],
)
def test_who_asked_for_decided_or_approved_an_acceptance_cannot_sign(
    unsigned, monkeypatch, actor, decision, may_sign
):
    home, ledger = unsigned
    from orchestration.editions import checklist as module

    real = module.read_tables

    def with_decision(folder):
        tables = real(folder)
        none = dict.fromkeys(tables["fct_decision"].column_names)
        schema = tables["fct_decision"].schema
        tables["fct_decision"] = pa.Table.from_pylist([none | decision], schema=schema)
        return tables

    monkeypatch.setattr(module, "read_tables", with_decision)
    assert item(home, ledger, 1, "signer_decided_nothing", actor=actor).is_met is may_sign
    counted = item(home, ledger, 1, "nothing_is_explained").text.zh
    assert counted == f"说明通过的疑点：{int(decision['verb'] == 'accept')}。"
    if not may_sign:
        with pytest.raises(history.EditionRefused, match="cannot sign"):
            sign(home, ledger, 1, by=actor)


@pytest.mark.parametrize("text", ["v0", "x", "", "v1.0", "-1"])
def test_an_edition_is_named_as_v1(text):
    with pytest.raises(history.NoSuchEdition):
        history.edition_number(text)
    assert history.edition_number(" v12 ") == history.edition_number("12") == 12


def test_an_unknown_edition_is_told_those_that_there_are(story):
    with pytest.raises(history.NoSuchEdition, match=r"v1.*v4"):
        history.city_year(story.home, story.ledger, CITY, YEAR).numbered(9)


def test_a_release_time_is_one_in_china():
    now = datetime.now(UTC)
    when = signing.release_time("2025-03-01 09:00", now)
    assert when.astimezone(UTC).isoformat() == "2025-03-01T01:00:00+00:00"
    assert signing.release_time("  ", now) == now
    with pytest.raises(history.EditionRefused, match="2025-03-01 09:00"):
        signing.release_time("明天", now)


def test_analysts_see_every_edition_as_it_was_published(story):
    with duckdb.connect(str(story.home.analyst_database), read_only=True) as reader:
        rows = reader.sql(
            "select edition, state, signed_by, note from fct_edition order by edition"
        ).fetchall()
        counted = dict(
            reader.sql(
                "select edition, value_printed from fct_edition_metric "
                "where indicator_id = 'schools' order by edition"
            ).fetchall()
        )
        final = reader.sql(
            "select distinct edition from indicator_final('qingyang', 2024)"
        ).fetchall()
        changed = reader.sql(
            "select older, newer from edition_changes('qingyang', 2024, 2, 3) "
            "where indicator_id = 'schools'"
        ).fetchall()
    note = "一所学校补报，一所学校更正。"
    assert rows == [
        (1, "provisional", "李批准", None),
        (2, "final", "李批准", None),
        (3, "provisional", "李批准", note),
        (4, "revised", "李批准", note),
    ]
    known = history.city_year(story.home, story.ledger, CITY, YEAR)
    assert [row[2] for row in rows] == [edition.approval.by for edition in known.editions]
    assert counted == {1: "14", 2: "14", 3: "15", 4: "15"}
    assert final == [(4,)]
    assert changed == [("14", "15")]


def test_figures_as_of_a_day_are_those_that_stood_at_its_end(story, tmp_path):
    """Four editions on four days, the last one withdrawn two days later."""
    from dataclasses import replace

    from orchestration.analysts.edition_tables import add_editions
    from orchestration.editions.history import Withdrawal
    from orchestration.ground.clock import CHINA

    def on(edition, day):
        return replace(edition, published_at=f"2025-03-{day:02}T15:59:59+00:00")

    known = history.city_year(story.home, story.ledger, CITY, YEAR)
    dated = [on(edition, 10 + edition.number) for edition in known.editions]
    withdrawal = Withdrawal("李批准", "2025-03-16T02:00:00+00:00", "有误")
    dated[-1] = replace(dated[-1], withdrawal=withdrawal)
    with duckdb.connect() as connection:
        add_editions(connection, [replace(known, editions=tuple(dated))], CHINA)

        def edition_on(day):
            rows = connection.execute(
                "select distinct edition from indicator_as_of(?, ?, ?)",
                [CITY, YEAR, f"2025-03-{day}"],
            ).fetchall()
            return [number for (number,) in rows]

        # 15:59:59 UTC is the last second of the day in China.
        found = {day: edition_on(day) for day in range(10, 18)}
    # v3, which v4 was made of, does not stand without it.
    assert found == {10: [], 11: [1], 12: [2], 13: [3], 14: [4], 15: [4], 16: [2], 17: [2]}


def test_the_marts_parquet_is_that_of_the_folder(story):
    folder = story.revised.folder
    metrics = pq.read_table(folder / "metrics.parquet")
    assert set(metrics["data_origin"].to_pylist()) == {"synthetic sample"}


def test_an_edition_of_older_software_is_taken_over_and_neither_compared_nor_made_again(
    unsigned,
):
    """Before editions had a life, events and manifests said less."""
    import json

    from orchestration.editions.verify import verify_all
    from orchestration.publishing.imprint import imprint_of
    from orchestration.publishing.publish import publish_edition

    home, ledger = unsigned
    edition = history.city_year(home, ledger, CITY, YEAR).numbered(1)
    older = home.root / "older.sqlite"
    published = next(event["seq"] for event in ledger.events(history.PUBLISHED))
    ledger.copy_to(f"sqlite:///{older}", until=published - 1)
    path = edition.folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    for name in ("ledger", "made_from", "approval", "reference_hash", "software", "gate"):
        del manifest[name]
    path.chmod(0o644)
    path.write_text(json.dumps(manifest | {"content_hash": "of older tables"}), encoding="utf-8")
    with Ledger(f"sqlite:///{older}") as before:
        said = {"city": CITY, "year": YEAR, "edition": 1, "content_hash": "of older tables"}
        before.append(history.PUBLISHED, said, "annual_run")
        made = publish_edition(home, before, CITY, YEAR).edition
        assert [e.number for e in history.city_year(home, before, CITY, YEAR).editions] == [1, 2]
        assert verify_all(home, before) == (2, [])
        assert made.manifest()["compared_with"] == []
        with pytest.raises(history.EditionRefused, match="older software"):
            imprint_of(manifest)


def test_a_table_that_the_project_no_longer_makes_is_in_no_edition(unsigned):
    """An older version's model leaves its table in the warehouse."""
    from orchestration.editions.contents import city_tables

    home, _ = unsigned
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("create table fct_gone as select 'qingyang' as city, 2024 as year")
    assert "fct_gone" not in city_tables(home, CITY, YEAR)


@pytest.mark.parametrize("nobody", ["", "  "])
def test_nobody_signs_or_withdraws_without_a_name(unsigned, nobody):
    home, ledger = unsigned
    before = ledger.position()
    (edition,) = history.city_year(home, ledger, CITY, YEAR).editions
    with pytest.raises(history.EditionRefused, match="Say who it is"):
        signing.approve(home, ledger, edition, nobody, "", datetime.now(UTC), lambda: None)
    with pytest.raises(history.EditionRefused, match="Say who it is"):
        signing.withdraw(home, ledger, edition, nobody, "有误")
    assert ledger.position() == before


def test_a_note_may_be_as_long_as_it_is_said_and_no_longer():
    assert len(signing.public_note("字" * signing.MAX_NOTE)) == signing.MAX_NOTE
    with pytest.raises(history.EditionRefused):
        signing.public_note("字" * (signing.MAX_NOTE + 1))


def test_a_signed_edition_that_is_withdrawn_waits_for_no_release(unsigned):
    home, ledger = unsigned
    later = datetime.now(UTC) + timedelta(days=30)
    sign(home, ledger, 1, release_at=later)
    (edition,) = history.city_year(home, ledger, CITY, YEAR).editions
    assert edition.waits_for_release
    signing.withdraw(home, ledger, edition, "李批准", "有误")
    (edition,) = history.city_year(home, ledger, CITY, YEAR).editions
    assert not edition.waits_for_release
