"""What an approver looks at before signing an edition: what blocks, and what to know.

What belongs here: the items, each with its sentence. What does not: signing (signing.py), and what
the gates judge (gate/); the gate's word is one item.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from orchestration.editions.contents import (
    METRICS,
    Tables,
    accepted_explanations,
    explanations_by_impact,
    read_tables,
)
from orchestration.editions.history import (
    CityYear,
    Edition,
    EditionRefused,
    FigureStatus,
    State,
    city_year,
)
from orchestration.editions.revisions import Cause
from orchestration.editions.verify import verify_edition
from orchestration.gate.run import city_outcome
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger, is_same_person
from orchestration.ground.terms import ClaimVerdict, FindingState, RuleClass
from orchestration.ground.text import Text

# Each had a part in letting a finding pass: none of them looks at the edition with fresh eyes.
_PARTS = ("asked_by", "decided_by", "approved_by")
_NAMED = 5  # figures or schools that a sentence names before it says how many more


@dataclass(frozen=True)
class Item:
    """One item: an approval is refused while one that blocks is not met."""

    id: str
    is_blocking: bool
    is_met: bool
    text: Text


def checklist(
    home: Home, ledger: Ledger, edition: Edition, actor: str = "", note: str = ""
) -> list[Item]:
    """Return the items for signing an edition, those that block first.

    `actor` is who would sign and `note` with which note; without them the items that hang on these
    are those of a person who decided nothing and writes nothing.
    """
    faults = verify_edition(edition)
    if faults:
        return [Item("is_intact", True, False, faults[0].text)]
    manifest = edition.manifest()
    if "ledger" not in manifest:
        zh, en = "由旧版程序生成，不能批准。", "It is of older software and cannot be signed."
        return [_blocking("is_of_this_software", False, zh, en)]
    tables = read_tables(edition.folder)
    editions = city_year(home, ledger, edition.city, edition.year)
    current, newest = (
        f"v{one.number}" if one else "—" for one in (editions.current, editions.to_be_signed)
    )
    verdict, _ = city_outcome(home, edition.city, edition.year)
    report = manifest["report"]
    places = report["places"]
    return [
        _blocking("is_intact", True, "文件与发布时一致。", "The files are as published."),
        _blocking(
            *("is_provisional", edition.status == State.provisional),
            "只有暂定版次可以批准。",
            "Only a provisional edition can be signed.",
        ),
        _blocking(
            *("is_not_withdrawn", not edition.withdrawal),
            "已撤回的版次不能批准。",
            "A withdrawn edition cannot be signed.",
        ),
        _blocking(
            *("is_not_signed", edition.approval is None),
            "尚未批准过。",
            "It has not been signed yet.",
        ),
        _blocking(
            *("is_newest", editions.to_be_signed == edition),
            f"须是最新的暂定版次（为 {newest}；现行为 {current}）。",
            f"It has to be the newest provisional edition ({newest}; {current} is current).",
        ),
        _blocking(
            *("gate_is_green", verdict == "passed"),
            "城市关卡须通过。",
            "The city gate has to be green.",
        ),
        _blocking(
            *("report_is_made", report["state"] != "stopped"),
            "报告须能生成。" + "".join(place["zh"] for place in places[:_NAMED]),
            "The report has to be made. " + " ".join(place["en"] for place in places[:_NAMED]),
        ),
        _no_unexplained(tables),
        _note_on_revision(tables, editions, note),
        _other_than_decider(tables, actor),
        *_advice(edition, tables, manifest["is_synthetic"], manifest["home_overrides"]),
    ]


def may_be_signed(
    home: Home, ledger: Ledger, edition: Edition, actor: str, note: str
) -> Callable[[], None]:
    """Return the check of an approval: `EditionRefused` with every item that is not met."""

    def check() -> None:
        now = city_year(home, ledger, edition.city, edition.year).numbered(edition.number)
        items = checklist(home, ledger, now, actor, note)
        unmet = [item for item in items if item.is_blocking and not item.is_met]
        if unmet:
            texts = [item.text for item in unmet]
            raise EditionRefused("".join(t.zh for t in texts), " ".join(t.en for t in texts))

    return check


def _blocking(id: str, is_met: bool, zh: str, en: str) -> Item:
    return Item(id, True, is_met, Text(zh, en))


def _no_unexplained(tables: Tables) -> Item:
    rows = tables["revision"].to_pylist()
    names = _listed(row["name_zh"] for row in rows if row["cause"] == Cause.unexplained)
    return _blocking(
        *("moves_are_explained", not names.zh),
        f"变动的指标须都有原因{_after(names.zh)}。",
        f"Every figure that moved has to have a cause{_after(names.en)}.",
    )


def _note_on_revision(tables: Tables, editions: CityYear, note: str) -> Item:
    final = editions.current_final
    # One made before that was released was compared with what it was made of.
    moved = final is not None and any(
        row["compared_with"] in (final.number, final.made_from)
        for row in tables["revision"].to_pylist()
    )
    return _blocking(
        *("revision_has_a_note", bool(note.strip()) or not moved),
        "修订已定稿的数字须写明公开说明。",
        "Figures that were final are revised with a public note.",
    )


def _other_than_decider(tables: Tables, actor: str) -> Item:
    """Who asked for an acceptance that the edition rests on, decided or approved it cannot sign.

    Nor can who named a school that the edition is without.
    """
    decisions = accepted_explanations(tables).to_pylist()
    had_a_part = {row[name] for row in decisions for name in _PARTS}
    had_a_part |= {row["excluded_by"] for row in _excluded(tables)}
    same = sorted(name for name in had_a_part if name and is_same_person(actor, name))
    who = f"（{actor}；{'、'.join(same)}）" if same else ""
    who_en = f" ({actor}; {', '.join(same)})" if same else ""
    return _blocking(
        *("signer_decided_nothing", not same),
        f"签署人不能是说明通过的提出人、决定人或批准人，也不能是排除学校的人{who}。",
        "Who asked for, decided or approved an accepted explanation, or excluded a school, cannot "
        f"sign the edition{who_en}.",
    )


def _excluded(tables: Tables) -> list[dict[str, Any]]:
    """Return the schools that the edition is without by name; older software had no such table."""
    return tables["fct_exclusion"].to_pylist() if "fct_exclusion" in tables else []


def _advice(
    edition: Edition, tables: Tables, is_synthetic: bool, overrides: list[str]
) -> list[Item]:
    metrics, schools = tables[METRICS].to_pylist(), tables["dim_school"].to_pylist()
    lacking = len(edition.report_lacks())
    waiting = sum(
        finding["class"] == RuleClass.explain and FindingState(finding["state"]).is_unsettled
        for finding in tables["fct_finding"].to_pylist()
    )
    claims = Counter(ClaimVerdict(row["verdict"]) for row in tables["fct_claim"].to_pylist())
    held = _listed(m["name_zh"] for m in metrics if m["status"] == FigureStatus.withheld)
    excluded = _listed(row["school_name"] for row in _excluded(tables))
    absent = _listed(s["school_name"] for s in schools if not s["is_accepted"])
    return [
        _count("report_is_whole", "报告中缺的数字", "Figures missing in the report", lacking),
        _list("figures_are_covered", "不予公布的指标", "Withheld figures", held),
        _list("schools_are_in", "未计入的学校", "Schools that do not count", absent),
        _list("no_school_is_excluded", "具名排除的学校", "Schools excluded by name", excluded),
        _list("nothing_is_overridden", "本地改动", "The home's own changes", _listed(overrides)),
        _count("findings_are_answered", "未答复的经验疑点", "Findings without answer", waiting),
        _explained(explanations_by_impact(tables).to_pylist()),
        _count(
            "claims_are_plain",
            "有标注的印刷数字",
            "Printed figures with a remark",
            claims[ClaimVerdict.flagged],
        ),
        _count(
            *("claims_come_out", "与印出的不同的数字", "Figures that differ from what is printed"),
            sum(n for verdict, n in claims.items() if not verdict.comes_out),
        ),
        Item(
            *("data_are_filed", False, not is_synthetic),
            Text("合成数据不可对外发布。", "Synthetic data are not for publication."),
        ),
    ]


def _explained(accepted: list[dict[str, Any]]) -> Item:
    """Say how many explanations were accepted, and what the one that weighs most may move."""
    item = _count("nothing_is_explained", "说明通过的疑点", "Accepted explanations", len(accepted))
    if not accepted or not accepted[0]["impact_zh"]:
        return item
    first = accepted[0]
    said = Text(
        f"影响最大的一处：{first['rule_id']}，{first['impact_zh']}。",
        f" The weightiest: {first['rule_id']}. {first['impact_en']}.",
    )
    return replace(item, text=item.text + said)


def _list(id: str, zh: str, en: str, names: Text) -> Item:
    text = Text(f"{zh}：{names.zh or '无'}。", f"{en}: {names.en or '—'}.")
    return Item(id, False, not names.zh, text)


def _count(id: str, zh: str, en: str, number: int) -> Item:
    return Item(id, False, number == 0, Text(f"{zh}：{number}。", f"{en}: {number}."))


def _listed(names: Iterable[str]) -> Text:
    """Return some names as Chinese and English lists that say how many more there are."""
    every = list(dict.fromkeys(names))
    more = len(every) - _NAMED
    zh, en = "、".join(every[:_NAMED]), ", ".join(every[:_NAMED])
    return Text(f"{zh} 等 {len(every)} 项", f"{en} and {more} more") if more > 0 else Text(zh, en)


def _after(text: str) -> str:
    return f"：{text}" if text else ""
