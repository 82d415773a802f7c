"""What happened with an account, each thing as one event, told from rows of every table that dates something.

Nothing later than the day asked about is told: of a ticket that was solved since, only that it was opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tenure.insights.plan import name_of
from tenure.kernel.wording import counted
from tenure.metrics.answers.updates import kinds_of

Row = Mapping[str, Any]
KINDS: Mapping[str, str] = {
    "touch": "Touches", "ticket": "Tickets", "survey": "Survey answers", "feedback": "Feedback",
    "milestone": "Milestones", "goal": "Goals", "advocacy": "Advocacy", "contract": "Contract",
    "flag": "Flags", "owner": "Who looks after it", "people": "Their people", "call": "Calls by the CSM",
}  # fmt: skip
"""Kinds of events in the order in which a day tells them, with what a filter calls them."""
ROLES = {"csm": "CSM", "ae": "account executive", "cs_leader": "CS leader", "support": "support"}
ENDINGS = {
    "recovered": "back inside the line", "dismissed": "no problem", "snoozed": "put down", "left": "the account left",
    "line_moved": "the line moved", "corrected": "its readings were corrected", "passed": "it passed",
}  # fmt: skip
ONCE = {"completed", "published", "attended", "agreed"}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in an event: `ours` tells a colleague from a contact; `id` is their id in the facts."""

    id: str
    name: str
    ours: bool

    @property
    def key(self) -> str:
        """What a filter calls the person."""
        return f"{'u' if self.ours else 'c'}:{self.id}"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened on a civil day; `at` is the moment where the source has one.

    `state` is `bad` or `good` where the fact says so by itself (a notice, a goal reached), else empty.
    """

    day: date
    kind: str
    head: str
    says: str = ""
    at: datetime | None = None
    people: Sequence[Person] = ()
    direction: str = ""
    with_ai: bool = False
    by_machine: bool = False
    tags: Sequence[str] = ()
    state: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """What events are told from: rows by table, names of people by id, ARR movements, calls, and the company's zone.

    `calls` are the CSM's own calls: `at`, `by` (member id), `name`, `zone` in words, `why`. `changes` are ARR changes:
    `day`, `type`, `said`, `reason`.
    """

    rows: Mapping[str, Sequence[Row]]
    members: Mapping[str, str]
    contacts: Mapping[str, str]
    zone: str
    calls: Sequence[Row] = ()
    changes: Sequence[Row] = ()

    def table(self, name: str) -> Sequence[Row]:
        """Rows of a table; none where it has not come in."""
        return self.rows.get(name, ())

    def ours(self, member: str | None) -> list[Person]:
        """A colleague as people of an event."""
        return [Person(member, self.members.get(member, member), ours=True)] if member else []

    def theirs(self, contact: str | None) -> list[Person]:
        """A contact as people of an event."""
        return [Person(contact, self.contacts.get(contact, contact), ours=False)] if contact else []

    def moment(self, value: datetime) -> datetime:
        """A moment on the company's clocks; the lake keeps UTC."""
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(
            ZoneInfo(self.zone)
        )


def happened(source: Source, day: date) -> list[Event]:
    """Every event up to the end of the day, newest first; of one day in the order of `KINDS`, later moments first."""
    tellers = (
        touches, tickets, surveys, feedback, milestones, goals, advocacy, contracts, flags, owners, people,
        calls,
    )  # fmt: skip
    found = [event for tell in tellers for event in tell(source) if event.day <= day]
    order = list(KINDS)
    found.sort(key=lambda e: (order.index(e.kind), e.id, e.head))
    found.sort(key=lambda e: (e.day, e.at is not None, _seconds(e)), reverse=True)
    return found


def _seconds(event: Event) -> float:
    return event.at.timestamp() if event.at else 0.0


def touches(source: Source) -> Iterator[Event]:
    """What was held, written, missed or called off; a plan whose day has passed says that it is still a plan."""
    seats: dict[str, list[str]] = {}
    for seat in source.table("activity_contacts"):
        seats.setdefault(seat["activity_id"], []).append(seat["contact_id"])
    for row in source.table("activities"):
        at = source.moment(row["occurred_at"])
        status = row["status"] or ""
        who = {"customer": "by the customer", "us": "by us"}.get(row["cancelled_by"] or "", "")
        mark = "planned, not reported as held" if status == "scheduled" else name_of(status)
        said = [f"{mark} {who}".strip() if status not in ("completed", "") else "", row["summary"] or ""]  # fmt: skip
        there = sorted(seats.get(row["activity_id"], ()))
        yield Event(
            day=at.date(),
            kind="touch",
            head=_capital(name_of(row["activity_type"]) or "touch"),
            says=_joined(said),
            at=at,
            people=[*source.ours(row["user_id"]), *(p for id_ in there for p in source.theirs(id_))],
            direction=row["direction"] or "",
            with_ai=bool(row["is_ai_assisted"]),
            by_machine=bool(row["is_automated"]),
            tags=[name_of(kind) for kind in kinds_of(row["tags"])],
            state="bad" if status in ("no_show", "cancelled") else "",
            id=row["activity_id"],
        )  # fmt: skip


def tickets(source: Source) -> Iterator[Event]:
    """Opened, and solved with how long that took."""
    for row in source.table("tickets"):
        about = _joined([name_of(row["category"]), row["priority"] or ""])
        opened = None
        if row["created_at"] is not None:
            opened = source.moment(row["created_at"])
            yield Event(opened.date(), "ticket", "Ticket opened", about, opened, id=row["ticket_id"])  # fmt: skip
        if row["solved_at"] is not None:
            at = source.moment(row["solved_at"])
            took = f"after {lasted(opened.date(), at.date())}" if opened else ""
            rated = f"rated {float(row['csat']):g} of 5" if row["csat"] is not None else ""
            yield Event(at.date(), "ticket", "Ticket solved", _joined([about, took, rated]), at, id=row["ticket_id"])  # fmt: skip


def lasted(start: date, end: date) -> str:
    """From one day to another in words: `the same day`, `3 days`."""
    days = (end - start).days
    return "less than a day" if days <= 0 else counted(days, "day")


def surveys(source: Source) -> Iterator[Event]:
    """Answers with their score."""
    for row in source.table("survey_responses"):
        if row["responded_at"] is None:
            continue
        at = source.moment(row["responded_at"])
        yield Event(
            day=at.date(),
            kind="survey",
            head=f"{survey_name(row['survey_type'])} answered: {scored(row)}",
            says=_joined([name_of(row["task"]), row["wave"] or ""]),
            at=at,
            people=source.theirs(row["contact_id"]),
            direction="inbound",
            id=row["response_id"],
        )


def survey_name(word: str | None) -> str:
    """What an instrument is called."""
    return {"nps": "NPS", "ces": "Effort (CES)", "csat": "Satisfaction (CSAT)"}.get(
        word or "", _capital(name_of(word) or "survey")
    )


def scored(row: Row) -> str:
    """An answer's score with its scale: `9 (0 to 10)`."""
    if row["score"] is None:
        return "no score"
    low, high = row["scale_min"], row["scale_max"]
    scale = f" ({float(low):g} to {float(high):g})" if low is not None and high is not None else ""
    return f"{float(row['score']):g}{scale}"


def feedback(source: Source) -> Iterator[Event]:
    """Wishes and complaints on the day they were said."""
    for row in source.table("feedback"):
        if row["submitted_at"] is None:
            continue
        at = source.moment(row["submitted_at"])
        head = f"Product feedback: {name_of(row['kind']) or 'of no kind named'}"
        yield Event(at.date(), "feedback", head, row["summary"] or "", at, direction="inbound", id=row["feedback_id"])  # fmt: skip


def milestones(source: Source) -> Iterator[Event]:
    """Reached milestones, with how late they were."""
    for row in source.table("onboarding_milestones"):
        done, planned = row["completed_date"], row["planned_date"]
        if done is None:
            continue
        late = (done - planned).days if planned else 0
        says = f"{counted(late, 'day')} after its plan" if late > 0 else ""
        head = f"Milestone reached: {name_of(row['milestone'])}"
        yield Event(done, "milestone", head, says, people=source.ours(row["user_id"]), state="good", id=row["milestone"])  # fmt: skip


def goals(source: Source) -> Iterator[Event]:
    """Goals agreed and reached, and what was sold and enabled."""
    for row in source.table("goals"):
        if row["set_date"] is not None:
            yield Event(row["set_date"], "goal", "Goal agreed", row["name"] or "", people=source.ours(row["owner_id"]), id=row["goal_id"])  # fmt: skip
        if row["achieved_date"] is not None:
            head = "First value reached" if row["is_first_value"] else "Goal reached"
            says = _joined([row["name"] or "", row["evidence"] or ""])
            yield Event(row["achieved_date"], "goal", head, says, people=source.ours(row["owner_id"]), state="good", id=row["goal_id"])  # fmt: skip
    for row in source.table("use_cases"):
        for column, head in (("sold_date", "Use case sold"), ("enabled_date", "Use case enabled")):
            if row[column] is not None:
                yield Event(row[column], "goal", head, row["name"] or row["use_case_id"], id=row["use_case_id"])  # fmt: skip


def advocacy(source: Source) -> Iterator[Event]:
    """Acts for us, asked for, done or declined."""
    for row in source.table("advocacy_events"):
        if row["event_date"] is None:
            continue
        status = row["status"] or ""
        says = [
            row["site"] or "", row["referred_company"] or "",
            f"{float(row['rating']):g} stars" if row["rating"] is not None else "",
            "something was given for it" if row["incentivised"] else "",
        ]  # fmt: skip
        yield Event(
            day=row["event_date"],
            kind="advocacy",
            head=f"{_capital(name_of(row['event_type']))}: {name_of(status) or 'no status'}",
            says=_joined(says),
            people=[*source.theirs(row["contact_id"]), *source.ours(row["user_id"])],
            state="good" if status in ONCE else "",
            id=row["event_id"],
        )


def contracts(source: Source) -> Iterator[Event]:
    """Signatures, notices and deals closed, and every change of ARR."""
    for row in source.table("contracts"):
        if row["status"] == "draft":
            continue
        term = row["contract_id"]
        if row["signed_date"] is not None:
            yield Event(row["signed_date"], "contract", "Contract signed", term, id=term)
        if row["notice_date"] is not None:
            says = _joined([term, row["exit_reason"] or ""])
            yield Event(row["notice_date"], "contract", "Notice given", says, state="bad", id=term)
    for row in source.table("opportunities"):
        won = {"closed_won": "won", "closed_lost": "lost"}.get(row["stage"] or "")
        if won and row["close_date"] is not None:
            kind = name_of(row["opportunity_type"]) or "deal"
            head = f"{_capital(kind)} {won}"
            yield Event(row["close_date"], "contract", head, row["opportunity_id"], people=source.ours(row["owner_id"]), state="" if won == "won" else "bad", id=row["opportunity_id"])  # fmt: skip
    for change in source.changes:
        state = {"churn": "bad", "downsell": "bad"}.get(change["type"], "good")
        yield Event(change["day"], "contract", change["said"], change["reason"], state=state, id=str(change["day"]))  # fmt: skip
    for row in source.table("handoff_records"):
        for column, head in (
            ("handed_over_date", "Handed over by Sales"),
            ("received_date", "Handoff received"),
        ):
            if row[column] is not None:
                by = row["ae_id"] if column == "handed_over_date" else row["csm_id"]
                yield Event(
                    row[column], "owner", head, people=source.ours(by), id=row["handoff_id"]
                )


def flags(source: Source) -> Iterator[Event]:
    """Flags opened, and closed with why; what is good news is told as such."""
    for row in source.table("risk_flags"):
        about = row["reason"] or name_of(row["metric_id"])
        is_good = row["question"] in ("grow", "advocate")
        word = "Ready for more" if is_good else "Flag"
        yield Event(row["raised_date"], "flag", f"{word}: opened", about, state="good" if is_good else "bad", id=row["flag_id"])  # fmt: skip
        if row["cleared_date"] is not None:
            ended = ENDINGS.get(row["ended"] or "", name_of(row["ended"]) or "closed")
            says = _joined([about, ended, row["reason_said"] or ""])
            yield Event(row["cleared_date"], "flag", f"{word}: closed", says, id=row["flag_id"])


def owners(source: Source) -> Iterator[Event]:
    """Who took the account over from whom; who left it with nobody after them."""
    rows = source.table("account_assignments")
    begun = {(row["role"], row["start_date"]) for row in rows}
    for row in rows:
        role = ROLES.get(row["role"] or "csm", name_of(row["role"]))
        name = source.members.get(row["user_id"], row["user_id"])
        before = [
            source.members.get(other["user_id"], other["user_id"])
            for other in rows
            if other["role"] == row["role"]
            and other["end_date"] == row["start_date"]
            and other["user_id"] != row["user_id"]
        ]
        says = f"after {', '.join(sorted(before))}" if before else ""
        yield Event(row["start_date"], "owner", f"{name} looks after it as {role}", says, people=source.ours(row["user_id"]), id=row["user_id"])  # fmt: skip
        if row["end_date"] is not None and (row["role"], row["end_date"]) not in begun:
            yield Event(row["end_date"], "owner", f"{name} is {role} no more", "nobody followed that day", people=source.ours(row["user_id"]), id=row["user_id"])  # fmt: skip


def people(source: Source) -> Iterator[Event]:
    """Who joined at the customer, and who left; a sponsor by that name."""
    for row in source.table("contacts"):
        name = row["name"] or row["contact_id"]
        is_sponsor = row["is_executive_sponsor"]
        says = row["title"] or name_of(row["role"])
        told = (
            ("active_from", "New sponsor" if is_sponsor else "New at the customer", ""),
            ("active_to", "Sponsor left" if is_sponsor else "Left the customer", "bad" if is_sponsor else ""),
        )  # fmt: skip
        for column, head, state in told:
            if row[column] is not None:
                yield Event(row[column], "people", f"{head}: {name}", says, people=source.theirs(row["contact_id"]), state=state, id=row["contact_id"])  # fmt: skip


def calls(source: Source) -> Iterator[Event]:
    """What a CSM thought of its health, in their words."""
    for row in source.calls:
        at = source.moment(row["at"])
        by = row["by"] or row["name"]
        who = [Person(by, row["name"], ours=True)]
        yield Event(at.date(), "call", f"{row['name']} calls it {row['zone'].lower()}", row["why"], at, people=who)  # fmt: skip


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _joined(parts: Iterable[str]) -> str:
    return " · ".join(part for part in parts if part)
