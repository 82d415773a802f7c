"""The three questions a metric may answer, and the words each outcome is told in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tenure.kernel.errors import UnknownName

Asked = Literal["renew", "grow", "advocate"]


@dataclass(frozen=True, slots=True)
class Question:
    """What happened, in words.

    `good` news or not; `label` the column of a panel that holds it; `verb` what an account did, `did_not` that it
    did not, `did_more` and `do_more` that some do it more often; `noun` the event as a thing, `one` and `many` of
    them; `both` the two groups, `others` and `rest` the one it did not happen to, alone and as accounts; `zones`
    where it happens most, in between and least.
    """

    asked: Asked
    good: bool
    label: str
    verb: str
    did_not: str
    did_more: str
    do_more: str
    noun: str
    one: str
    many: str
    both: str
    others: str
    rest: str
    zones: tuple[str, str, str]

    def events(self, number: int) -> str:
        """`1 churn`, `12 churns`."""
        return f"{number:,} {self.one if number == 1 else self.many}"

    @property
    def flag(self) -> str:
        """What a line may raise: an alert of a risk, a hint at a chance."""
        return "a hint" if self.good else "an alert"


QUESTIONS: dict[str, Question] = {
    "renew": Question(
        "renew", good=False, label="churned", verb="churned", did_not="stayed",
        did_more="churned more", do_more="churn more", noun="churn", one="churn", many="churns",
        both="churned and retained accounts", others="retained", rest="retained accounts",
        zones=("at risk", "in between", "healthy"),
    ),
    "grow": Question(
        "grow", good=True, label="expanded", verb="expanded", did_not="did not expand",
        did_more="expanded more often", do_more="expand more often", noun="expansion",
        one="expansion", many="expansions", both="expanded and other accounts", others="others",
        rest="accounts that did not expand", zones=("expansion-ready", "in between", "not ready"),
    ),
    "advocate": Question(
        "advocate", good=True, label="advocated", verb="became advocates",
        did_not="did not become advocates", did_more="became advocates more often",
        do_more="become advocates more often", noun="advocacy", one="new advocate",
        many="new advocates", both="new advocates and other accounts", others="others",
        rest="accounts that did not become advocates",
        zones=("advocacy-ready", "in between", "not ready"),
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
