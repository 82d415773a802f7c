"""The lists of the Plan page: what each is called, what it says when it is empty, and what can be entered on it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from tenure.insights.plan import AccountPlan, Item

SHOWN = 12
LISTS: Sequence[tuple[str, str, str, str]] = (
    # what is entered, title, the word on its link, what an empty list says
    ("review", "Reviews", "Add review", "No review is planned or recorded for this account."),
    ("milestone", "Milestones", "Add milestone", "No milestone is planned for this account."),
    ("goal", "Goals", "Add goal", "No goal has been agreed with this account."),
    ("handoff", "Handoff", "Add handoff record", "No handoff record has come from Sales."),
    ("use-case", "Use cases sold", "Add use case", "Nobody has said what was sold."),
    ("advocacy", "Advocacy", "Add act of advocacy", "Nothing is known of what they do for us."),
    ("contact", "People", "Add person", "No contacts have come in for this account."),
    ("notice", "Contracts", "", "No contract has come in for this account."),
)
CHANGES = {"contact": "Mark", "notice": "Notice"}


@dataclass(frozen=True, slots=True)
class Section:
    """One list. `adds` is the word on its link, empty where nothing is added; `changes` the word beside each item."""

    sheet: str
    title: str
    adds: str
    empty: str
    changes: str
    items: Sequence[Item]
    more: int


def sections(plan: AccountPlan, whole: str = "") -> list[Section]:
    """All lists of an account, in the order of the page; of long ones the first dozen, but of the one called `whole`."""
    return [
        Section(
            sheet, title, adds, empty, CHANGES.get(sheet, "Change"), plan.lists[sheet][: _shown(sheet, whole)],
            max(0, len(plan.lists[sheet]) - _shown(sheet, whole)),
        )
        for sheet, title, adds, empty in LISTS
    ]  # fmt: skip


def _shown(sheet: str, whole: str) -> int:
    return sys.maxsize if sheet == whole else SHOWN
