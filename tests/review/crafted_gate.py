"""Findings as a gate leaves them, with hostile cells, and the form that decides on them."""

from orchestration.gate.findings import FINDING_COLUMNS

SCHOOL, OTHER = "9962100201", "9961030201"  # of Qingyang and of Baoji
SCRIPT = "<script>alert(1)</script>"
LINK = '=HYPERLINK("http://evil.example","点这里")'
RETURN = {"verb": "return", "reason_code": "figure_needs_correction", "reason": "请核对"}
MINE, THEIRS, MUST = "f" * 16, "e" * 16, "d" * 16


def finding(finding_id, city, school, kind="explain", **changes):
    return {
        **dict.fromkeys(FINDING_COLUMNS),
        **{"finding_id": finding_id, "case_id": finding_id, "values_hash": finding_id},
        **{"rule_id": "school_name_is_as_on_the_roster", "class": kind, "stage": "submission"},
        **{"city": city, "year": 2024, "school_code": school, "submission_id": f"s{finding_id}"},
        **{"file_name": f"{SCRIPT}.xlsx", "sheet": SCRIPT, "cell": f"{SCRIPT}!A3"},
        **{"values_typed": '{"major_code": "<img src=x onerror=alert(1)>"}'},
        **{"sentence_zh": f"专业 {SCRIPT} 不在目录中", "sentence_en": f"{SCRIPT} is unknown"},
        **{"explanation": LINK, "hits": 1, "rows_judged": 1, "state": "asked"},
        **changes,
    }


def decision(browser, *ids, step="confirm", seen="0", **fields):
    given = {"verb": "accept", "reason_code": "verified_with_school", "reason": "已核实"}
    return browser.submit("/2024/decide", id=list(ids), seen=seen, step=step, **given | fields)
