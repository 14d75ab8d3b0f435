"""Questions in SQL that are kept: those that come with nianbao, and those that people saved.

What belongs here: reading, saving and removing them; a saved one is an event of the ledger with
its user. What does not: asking them (analysts/sql_query.py).
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from orchestration.analysts.sql_query import MAX_CHARACTERS
from orchestration.ground.home import REPOSITORY
from orchestration.ground.ledger import Ledger
from orchestration.ground.text import NianbaoError, Text

SHIPPED = REPOSITORY / "questions"
SAVED, REMOVED = "question_saved", "question_removed"
MAX_TITLE = 80
# A file opens with its two titles as comments; the rest is the statement.
_FILE = re.compile(r"-- (?P<zh>[^\n]+)\n-- (?P<en>[^\n]+)\n(?P<sql>.+)", re.DOTALL)


class QuestionRefused(NianbaoError):
    """A question was not saved or removed."""


@dataclass(frozen=True)
class Question:
    """One question; `author` and `saved_at` (ISO, UTC) are None for those that are shipped."""

    id: str
    title: Text
    sql: str
    author: str | None = None
    saved_at: str | None = None

    def may_be_removed_by(self, name: str, is_approver: bool) -> bool:
        """Return whether someone may remove it: who saved it, and approvers."""
        return self.author is not None and (is_approver or self.author == name)


def shipped_questions(folder: Path = SHIPPED) -> list[Question]:
    """Return the questions of a folder by file name.

    `QuestionRefused` names a file without titles.
    """
    questions = []
    for path in sorted(folder.glob("*.sql")):
        match = _FILE.fullmatch(path.read_text(encoding="utf-8"))
        if match is None:
            raise QuestionRefused(
                "前两行须是中英文标题。", "Its first two lines have to be the titles.", str(path)
            )
        title = Text(match["zh"], match["en"])
        questions.append(Question(path.stem, title, match["sql"].strip()))
    return questions


def saved_questions(ledger: Ledger) -> list[Question]:
    """Return the questions that were saved and not removed, newest first."""
    kept: dict[str, Question] = {}
    for event in ledger.events(SAVED, REMOVED):
        payload = event["payload"]
        if event["kind"] == REMOVED:
            kept.pop(payload["question_id"], None)
            continue
        title = Text(payload["title"], payload["title"])
        kept[payload["question_id"]] = Question(
            payload["question_id"], title, payload["sql"], event["actor"], event["at"]
        )
    return list(reversed(kept.values()))


def save_question(ledger: Ledger, title: str, sql: str, actor: str) -> str:
    """Save a question and return its id; raises `QuestionRefused`. The statement is not run."""
    title, sql = " ".join(title.split()), sql.strip()
    if not 0 < len(title) <= MAX_TITLE:
        raise QuestionRefused(
            f"请给这个问题一个标题，最多 {MAX_TITLE} 个字。",
            f"Give the question a title of up to {MAX_TITLE} characters.",
        )
    if not 0 < len(sql) <= MAX_CHARACTERS:
        raise QuestionRefused(
            f"请输入语句，最多 {MAX_CHARACTERS} 个字符。",
            f"Type a statement of up to {MAX_CHARACTERS} characters.",
        )

    def require_new_title() -> None:
        if any(question.title.zh == title for question in saved_questions(ledger)):
            raise QuestionRefused(
                "已有同名的问题，请换一个标题，或先删除旧的。",
                "A question of that title exists: choose another, or remove the old one first.",
            )

    question_id = secrets.token_hex(6)
    payload = {"question_id": question_id, "title": title, "sql": sql}
    ledger.append(SAVED, payload, actor, check=require_new_title)
    return question_id


def remove_question(ledger: Ledger, question_id: str, actor: str, *, is_approver: bool) -> None:
    """Take a saved question off the list; its events stay. Raises `QuestionRefused`."""

    def require_removable() -> None:
        kept = {question.id: question for question in saved_questions(ledger)}
        question = kept.get(question_id)
        if question is None:
            raise QuestionRefused(
                "这个问题已不在列表里。", "This question is no longer on the list."
            )
        if not question.may_be_removed_by(actor, is_approver):
            raise QuestionRefused(
                "只有保存的人和审批人可以删除。",
                "Only who saved it, and approvers, may remove it.",
            )

    ledger.append(REMOVED, {"question_id": question_id}, actor, check=require_removable)
