"""An approver excludes a school by name on its page; others see it, and cannot."""

import pandas as pd
import pytest
from crafted_gate import SCHOOL

from orchestration.gate.findings import as_frame
from orchestration.ground.ledger import open_ledger
from orchestration.intake.declared.exclusions import exclusions

PAGE = f"/2024/schools/{SCHOOL}"
GIVEN = {"reason": "学校停办", "public_note": "该校<b>已停办"}


def excluded(home):
    with open_ledger(home) as ledger:
        return exclusions(ledger)


def test_an_approver_excludes_a_school_and_takes_it_back(judged, signed_in):
    wu = signed_in("approver", name="wu")
    assert wu.submit(f"{PAGE}/exclude", **GIVEN).status_code == 200
    (one,) = excluded(judged).values()
    assert (one.excluded_by, one.public_note) == ("wu", GIVEN["public_note"])
    text = signed_in("viewer", name="zhao").get(PAGE).text
    assert "本市按不含该校发布：该校&lt;b&gt;已停办" in text and "撤销排除" not in text
    assert wu.submit(f"{PAGE}/exclude", take_back="1", reason="已报送").status_code == 200
    assert excluded(judged) == {}


@pytest.mark.parametrize("given", [GIVEN | {"reason": " "}, GIVEN | {"public_note": ""}])
def test_without_a_reason_or_a_public_note_nothing_is_written(judged, signed_in, given):
    page = signed_in("approver").submit(f"{PAGE}/exclude", **given)
    assert page.status_code == 400 and "请写明理由和公开说明" in page.text
    assert excluded(judged) == {}


@pytest.mark.parametrize("role", ["viewer", "steward", "administrator"])
def test_nobody_but_an_approver_may(judged, signed_in, role):
    browser = signed_in(role)
    assert "具名排除" not in browser.get(PAGE).text
    assert browser.submit(f"{PAGE}/exclude", **GIVEN).status_code == 403
    assert excluded(judged) == {}


def test_a_school_whose_file_counts_is_not_excluded_and_the_page_says_why(judged, signed_in):
    as_frame([]).to_parquet(judged.gate / "findings.parquet")
    verdicts = pd.read_parquet(judged.gate / "verdicts.parquet").assign(verdict="accepted")
    verdicts.to_parquet(judged.gate / "verdicts.parquet", index=False)
    wu = signed_in("approver", name="wu")
    assert "具名排除" not in wu.get(PAGE).text
    page = wu.submit(f"{PAGE}/exclude", **GIVEN)
    assert page.status_code == 400 and "已通过并计入，不能排除" in page.text
    assert "撤回“说明通过”" in page.text and excluded(judged) == {}
