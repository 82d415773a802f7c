"""What an account says: survey answers, tickets with their age, and feedback on the product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tenure.insights.happened import Source, lasted, scored, survey_name
from tenure.insights.plan import name_of

Row = Mapping[str, Any]
ANSWERED = frozenset({"shipped", "closed", "declined"})


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a survey; `group` is what its instrument calls it, empty where it has no such word."""

    day: date
    survey: str
    score: str
    group: str
    about: str
    by: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket as it stood that day: open since, or solved after."""

    ticket_id: str
    opened: date
    solved: date | None
    about: str
    priority: str
    state: str
    age: str
    rated: str


@dataclass(frozen=True, slots=True)
class Said:
    """A wish, complaint or praise. `state` is as the source has it today, which a past day cannot know better."""

    day: date
    kind: str
    summary: str
    state: str
    is_waiting: bool


@dataclass(frozen=True, slots=True)
class Voice:
    """Everything an account said by one day; `unanswered` are surveys sent to it without an answer."""

    answers: Sequence[Answer]
    unanswered: int
    open: Sequence[Ticket]
    solved: Sequence[Ticket]
    said: Sequence[Said]


def voice(source: Source, day: date) -> Voice:
    """Newest first, open tickets oldest first."""
    tickets = _tickets(source, day)
    answers, ids = _answers(source, day)
    return Voice(
        answers=answers,
        unanswered=_unanswered(source, day, ids),
        open=[one for one in tickets if one.solved is None][::-1],
        solved=[one for one in tickets if one.solved is not None],
        said=_said(source, day),
    )


def _answers(source: Source, day: date) -> tuple[list[Answer], set[str]]:
    found, ids = [], set()
    for row in source.table("survey_responses"):
        if row["responded_at"] is None or source.moment(row["responded_at"]).date() > day:
            continue
        ids.add(row["response_id"])
        contact = row["contact_id"]
        found.append(
            Answer(
                source.moment(row["responded_at"]).date(),
                survey_name(row["survey_type"]),
                scored(row),
                group_of(row),
                " · ".join(part for part in (name_of(row["task"]), row["wave"] or "") if part),
                source.contacts.get(contact, contact) if contact else "",
            )
        )
    return sorted(found, key=lambda one: (one.day, one.survey), reverse=True), ids


def group_of(row: Row) -> str:
    """Promoter, passive or detractor of a full NPS scale; satisfied or not of satisfaction from 1 to 5."""
    score, low, high = row["score"], row["scale_min"], row["scale_max"]
    if score is None:
        return ""
    if row["survey_type"] == "nps" and (low, high) in ((0, 10), (None, None)):
        return "promoter" if score >= 9 else "passive" if score >= 7 else "detractor"  # noqa: PLR2004 - the instrument's own
    if row["survey_type"] == "csat" and (low, high) in ((1, 5), (None, None)):
        return "satisfied" if score >= 4 else "not satisfied"  # noqa: PLR2004 - the instrument's own
    return ""


def _unanswered(source: Source, day: date, answered: set[str]) -> int:
    return sum(
        row["sent_at"] is not None
        and source.moment(row["sent_at"]).date() <= day
        and row["response_id"] not in answered
        for row in source.table("survey_invitations")
    )


def _tickets(source: Source, day: date) -> list[Ticket]:
    found = []
    for row in source.table("tickets"):
        if row["created_at"] is None:
            continue
        opened = source.moment(row["created_at"]).date()
        if opened > day:
            continue
        ended = source.moment(row["solved_at"]).date() if row["solved_at"] is not None else None
        solved = ended if ended is not None and ended <= day else None
        is_over = ended is None and row["status"] in ("solved", "closed")
        word = name_of(row["status"]) or "open"
        if solved is not None:
            state, age = "solved", lasted(opened, solved)
        elif is_over:
            state, age = f"{word}, no day named", ""
        else:
            state, age = ("open" if ended is not None else word), lasted(opened, day)
        found.append(
            Ticket(
                row["ticket_id"], opened, opened if is_over else solved, name_of(row["category"]),
                row["priority"] or "", state, age,
                f"{float(row['csat']):g} of 5" if row["csat"] is not None and state == "solved" else "",
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (one.opened, one.ticket_id), reverse=True)


def _said(source: Source, day: date) -> list[Said]:
    found = []
    for row in source.table("feedback"):
        if row["submitted_at"] is None:
            continue
        on = source.moment(row["submitted_at"]).date()
        if on <= day:
            state = row["status"] or ""
            found.append(
                Said(
                    on, name_of(row["kind"]), row["summary"] or "", name_of(state) or "no status",
                    state not in ANSWERED,
                )
            )  # fmt: skip
    return sorted(found, key=lambda one: (one.day, one.summary), reverse=True)
