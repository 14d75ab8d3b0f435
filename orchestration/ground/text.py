"""Words in two languages: one text, one error, one list of terms, all Chinese first.

What belongs here: how a pair of texts is held, joined and shown. What does not: any text itself,
which stands where it is said; no text is ever cut into its languages again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Language(StrEnum):
    """The two languages of what people see."""

    zh = "zh"
    en = "en"


@dataclass(frozen=True)
class Text:
    """One text in Chinese and in English; `str()` gives both, Chinese first."""

    zh: str
    en: str

    def __getitem__(self, language: str) -> str:
        """Return it in one language, `zh` or `en`."""
        return self.en if language == Language.en else self.zh

    def __add__(self, other: Text) -> Text:
        """Return one text after the other; English has a space between them."""
        between = " " if self.en and other.en else ""
        return Text(self.zh + other.zh, self.en + between + other.en)

    def __str__(self) -> str:
        """Return both, as a terminal and a log show them."""
        between = "" if self.zh.endswith(("。", "：", "！", "？")) else " "
        return f"{self.zh}{between}{self.en}"


def joined(texts: Iterable[Text]) -> Text:
    """Return texts one after the other."""
    return sum(texts, Text("", ""))


def line_of(file: str, line: int) -> Text:
    """Return a line of a file as a place."""
    return Text(f"{file} 第 {line} 行", f"{file} line {line}")


class Term(StrEnum):
    """A list of words that are stored as they are and shown by their names.

    A member is its stored word, so that frames, JSON and SQL take it as it is::

        class Verdict(Term):
            accepted = "accepted", "通过", "accepted"

    `Verdict.accepted == "accepted"`, and `Verdict.accepted.text.zh == "通过"`.
    """

    text: Text

    def __new__(cls, value: str, zh: str = "", en: str = "") -> Self:
        """Take the stored word and its two names; `Verdict("accepted")` looks a member up."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.text = Text(zh, en)
        return member

    @property
    def zh(self) -> str:
        """The name in Chinese."""
        return self.text.zh

    @property
    def en(self) -> str:
        """The name in English."""
        return self.text.en


class NianbaoError(Exception):
    """What a person is told when something of ours stops: where, and what is wrong.

    `place` names file, sheet, cell or line; it comes before the sentences in both languages.
    """

    def __init__(self, zh: str, en: str, place: Text | str = "") -> None:
        """Take the sentence in both languages, and where it happened."""
        self.place = place if isinstance(place, Text) else Text(place, place)
        self.said = Text(zh, en)
        # Two plain arguments and the place: an error that crosses processes is made again of them.
        super().__init__(zh, en, self.place)

    @property
    def text(self) -> Text:
        """Place and sentence, in both languages."""
        if not self.place.zh:
            return self.said
        return Text(f"{self.place.zh}：{self.said.zh}", f"{self.place.en}: {self.said.en}")

    def __str__(self) -> str:
        """Return both languages; a place that reads the same in both is said once."""
        if self.place.zh and self.place.zh == self.place.en:
            return f"{self.place.zh}：{self.said}"
        return str(self.text)
