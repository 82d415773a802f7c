"""The three questions a metric may answer, and the words each outcome is told in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tenure.kernel.errors import UnknownName

Asked = Literal["renew", "grow", "advocate"]


@dataclass(frozen=True, slots=True)
class Question:
    """What happened, in words: `good` news or not, the verb, one and many, the others, and the zones."""

    asked: Asked
    good: bool
    verb: str
    one: str
    many: str
    others: str
    zones: tuple[str, str, str]

    def events(self, number: int) -> str:
        """`1 churn`, `12 churns`."""
        return f"{number:,} {self.one if number == 1 else self.many}"


QUESTIONS: dict[str, Question] = {
    "renew": Question(
        "renew", good=False, verb="churned", one="churn", many="churns", others="retained",
        zones=("at risk", "in between", "healthy"),
    ),
    "grow": Question(
        "grow", good=True, verb="expanded", one="expansion", many="expansions", others="unchanged",
        zones=("ready", "in between", "not ready"),
    ),
    "advocate": Question(
        "advocate", good=True, verb="became advocates", one="advocate", many="advocates",
        others="silent", zones=("ready", "in between", "not ready"),
    ),
}  # fmt: skip


def question(asked: str) -> Question:
    """The words of a question.

    Raises:
        UnknownName: it is none of renew, grow and advocate.
    """
    if asked not in QUESTIONS:
        raise UnknownName("question", asked, QUESTIONS)
    return QUESTIONS[asked]
