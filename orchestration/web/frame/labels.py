"""The names of stored words that pages show: each read from the list that owns the word.

What belongs here: which lists there are. What does not: any name; it stands in its list.
"""

from __future__ import annotations

from orchestration.editions.history import FigureStatus, State
from orchestration.gate.history import AfterReplacement
from orchestration.ground.terms import (
    DecisionState,
    DecisionVerb,
    FindingState,
    GateVerdict,
    RuleClass,
    Verdict,
)
from orchestration.ground.text import Term, Text
from orchestration.intake.normalise import Normalisation
from orchestration.intake.receipt import Outcome
from orchestration.schools.timeliness import Timeliness
from orchestration.web.accounts.roles import Role
from orchestration.web.accounts.tables import AccountState

LISTS: tuple[type[Term], ...] = (
    RuleClass,
    FindingState,
    AfterReplacement,
    Verdict,
    Outcome,
    Normalisation,
    GateVerdict,
    DecisionVerb,
    DecisionState,
    State,
    FigureStatus,
    Timeliness,
    Role,
    AccountState,
)
_NAMES = {term.value: term.text for terms in LISTS for term in terms}


def label(word: str) -> Text:
    """Return the name of a stored word; a word of no list is its own name."""
    return _NAMES.get(word) or Text(word, word)
