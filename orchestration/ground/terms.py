"""The words that the gate and those around it speak: classes, states, verdicts, decisions.

What belongs here: each word as it is stored, with its names. What does not: what follows from one
(gate/), and the words of an edition, a role, a deadline, which stand with their owners.
"""

from __future__ import annotations

from orchestration.ground.text import Term, Text


class RuleClass(Term):
    """What a finding of a rule asks of the school."""

    must = "must", "逻辑校验", "must"
    explain = "explain", "经验校验", "explain"
    info = "info", "提示", "info"


class Stage(Term):
    """The gate that a rule belongs to, by what it judges."""

    submission = "submission", "填报", "submission"
    city = "city", "城市", "city"


class FindingState(Term):
    """What explanations and decisions have made of a finding."""

    open = "open", "未处理", "open"
    asked = "asked", "学校已说明", "explained, not decided"
    returned = "returned", "已退回", "returned"
    refused = "refused", "说明未采纳", "refused"
    explained = "explained", "已说明通过", "explained"
    superseded = "superseded", "已被替代", "superseded"
    excluded = "excluded", "具名排除", "excluded by name"

    @property
    def is_unsettled(self) -> bool:
        """Whether the finding still wants something.

        It was neither accepted nor replaced, and is not that a school lacks that was excluded.
        """
        settled = (FindingState.explained, FindingState.superseded, FindingState.excluded)
        return self not in settled


class Verdict(Term):
    """What the gate says of a submission."""

    accepted = "accepted", "已通过", "accepted"
    waiting = "waiting", "待说明", "waiting"
    returned = "returned", "已退回", "returned"


class GateVerdict(Term):
    """What the gate says of a city's year."""

    passed = "passed", "通过", "passed"
    blocked = "blocked", "未通过", "blocked"
    not_judged = "not judged", "未判定", "not judged"
    without_schools = "without schools", "无学校", "without schools"


class ClaimVerdict(Term):
    """How a figure that a report printed stands to the computed one."""

    matched = "matched", "一致", "matched"
    flagged = "flagged", "一致，有标注", "matched, with a remark"
    incomplete = "incomplete", "缺少填报", "a filer is missing"
    decided = "decided", "处理决定所致", "by a decision"
    revised = "revised", "印后更正", "corrected since the print"
    wrong = "wrong", "不一致", "wrong"
    withheld = "withheld", "不予公布", "withheld"

    @property
    def comes_out(self) -> bool:
        """Whether the computed figure is the printed one."""
        return self in (ClaimVerdict.matched, ClaimVerdict.flagged)


class DecisionVerb(Term):
    """What a steward does with a finding."""

    accept = "accept", "说明通过", "accept"
    send_back = "return", "退回", "return"
    refuse = "refuse", "不接受说明", "refuse"


class DecisionState(Term):
    """What has become of a decision."""

    proposed = "proposed", "待批准", "proposed"
    in_force = "in_force", "有效", "in force"
    declined = "declined", "未批准", "declined"
    withdrawn = "withdrawn", "已撤回", "withdrawn"


# Stands wherever figures are shown whose schools' workbooks are samples.
SYNTHETIC = Text(
    "合成数据：各校数字是对已公布总数的合成拆分，并非学校实际填报，不得作为统计数据引用。",
    "Synthetic data: the schools' figures are a synthetic split of printed totals, not what "
    "schools filed, and not to be quoted as statistics.",
)
