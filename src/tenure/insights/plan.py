"""What is planned with an account and what became of it: rhythm, reviews, milestones, goals, handoff, advocacy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tenure.kernel.wording import counted
from tenure.metrics.derived.cadence_slots import slots_of

Row = Mapping[str, Any]
SLOTS_SHOWN = 12
REVIEWS = ("qbr", "ebr", "operational_review")
NAMES = {
    "any": "any touch", "qbr": "QBR", "ebr": "executive business review", "onsite": "on-site visit",
    "cab_meeting": "advisory board", "email": "e-mail",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of time [start, end) that owed a touch, and the day on which it came; None where it did not."""

    start: date
    end: date
    touched_on: date | None


@dataclass(frozen=True, slots=True)
class Planned:
    """One cadence plan: `state` is `in force`, `to come` or `ended`. `slots` are the last ones that are over."""

    row: str
    says: str
    start: date
    end: date | None
    state: str
    slots: Sequence[Slot]

    @property
    def kept(self) -> int:
        """How many of the slots shown were kept."""
        return sum(1 for slot in self.slots if slot.touched_on is not None)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a list: its row, what it is, what is to be said of it; `state` is `open`, `done` or `missed`."""

    row: str
    head: str
    says: str
    state: str = "open"


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """Everything planned with one account, lists newest or nearest first, by the name of what can be entered."""

    cadence: Sequence[Planned]
    lists: Mapping[str, Sequence[Item]]


def rhythm_said(plan: Row) -> str:
    """A plan's rhythm in words: `any touch every 14 days`."""
    what = name_of(plan["touch_type"])
    if plan["calendar_month"]:
        return f"{what} each calendar month"
    days = int(plan["interval_days"])
    return f"{what} every day" if days == 1 else f"{what} every {days} days"


def name_of(word: str | None) -> str:
    """A word of a table as a person writes it."""
    return NAMES.get(word or "", (word or "").replace("_", " "))


def account_plan(
    rows: Mapping[str, Mapping[str, Row]],
    touched: Mapping[str, Sequence[date]],
    names: Mapping[str, str],
    day: date,
    zone: str,
    moved: Mapping[str, date] | None = None,
) -> AccountPlan:
    """What the page shows on a day.

    Args:
        rows: the account's rows by table and by row id.
        touched: days of qualifying touches by type in order, `any` for all types.
        names: of contacts, team members and deals, by id.
        day: the day shown.
        zone: the company's time zone.
        moved: by row id, the day for which a milestone was planned first, where it was moved since.
    """
    plans = [_planned(id_, row, touched, day) for id_, row in rows["cadence_plans"].items()]
    order = ("in force", "to come", "ended")
    plans.sort(key=lambda plan: plan.start, reverse=True)
    plans.sort(key=lambda plan: order.index(plan.state))
    seats: dict[str, list[str]] = {}
    for seat in rows["activity_contacts"].values():
        if seat["attended"]:
            seats.setdefault(seat["activity_id"], []).append(
                names.get(seat["contact_id"], seat["contact_id"])
            )
    reviews = {i: r for i, r in rows["activities"].items() if r["activity_type"] in REVIEWS}
    lists = {
        "review": _sorted(reviews, "occurred_at", lambda r: _review(r, seats, ZoneInfo(zone))),
        "milestone": _sorted(rows["onboarding_milestones"], "planned_date", lambda r: _milestone(r, day), rising=True),
        "goal": _sorted(rows["goals"], "set_date", lambda r: _goal(r, day)),
        "handoff": _sorted(rows["handoff_records"], "handed_over_date", lambda r: _handoff(r, names)),
        "use-case": _sorted(rows["use_cases"], "sold_date", _use_case),
        "advocacy": _sorted(rows["advocacy_events"], "event_date", lambda r: _advocacy(r, names)),
        "contact": _people(rows["contacts"], day),
        "notice": _sorted(rows["contracts"], "start_date", _contract),
    }  # fmt: skip
    lists["milestone"] = [
        replace(item, says=f"{item.says}, first planned for {_day(moved[item.row])}")
        if moved and item.row in moved
        else item
        for item in lists["milestone"]
    ]
    return AccountPlan(plans, lists)


def _planned(row_id: str, row: Row, touched: Mapping[str, Sequence[date]], day: date) -> Planned:
    ended = row["end_date"] is not None and row["end_date"] <= day
    state = "ended" if ended else "to come" if row["start_date"] > day else "in force"
    days = touched.get(row["touch_type"], ())
    slots = [
        Slot(start, end, next((d for d in days if start <= d < end), None))
        for start, end in list(slots_of(row, day + timedelta(days=1)))[-SLOTS_SHOWN:]
    ]
    return Planned(row_id, rhythm_said(row), row["start_date"], row["end_date"], state, slots)


def _sorted(
    rows: Mapping[str, Row],
    column: str,
    told: Callable[[Row], tuple[str, str, str]],
    *,
    rising: bool = False,
) -> list[Item]:
    """Items by a column, unknown ones last."""
    known = [(row[column], id_) for id_, row in rows.items() if row[column] is not None]
    known.sort(key=lambda pair: (_comparable(pair[0]), pair[1]), reverse=not rising)
    ids = [id_ for _, id_ in known] + sorted(
        id_ for id_, row in rows.items() if row[column] is None
    )
    return [Item(id_, *told(rows[id_])) for id_ in ids]


def _people(rows: Mapping[str, Row], day: date) -> list[Item]:
    """Sponsors first, then those who are there, then those who have left, each by name."""

    def place(item: tuple[str, Row]) -> tuple[bool, bool, str, str]:
        id_, row = item
        left = row["active_to"] is not None and row["active_to"] <= day
        return (
            left and not row["is_executive_sponsor"],
            not row["is_executive_sponsor"],
            row["name"] or "",
            id_,
        )

    return [Item(id_, *_contact(row, day)) for id_, row in sorted(rows.items(), key=place)]


def _comparable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return value


def _day(value: date | None) -> str:
    return f"{value.day} {value:%b %Y}" if value else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _joined(parts: Iterable[str]) -> str:
    return " · ".join(part for part in parts if part)


def _review(row: Row, seats: Mapping[str, Sequence[str]], zone: ZoneInfo) -> tuple[str, str, str]:
    moment = _comparable(row["occurred_at"]).astimezone(zone)
    status = row["status"] or ""
    who = {"customer": "by the customer", "us": "by us"}.get(row["cancelled_by"] or "", "")
    came = ", ".join(sorted(seats.get(row["activity_id"], ())))
    if status == "completed":
        said, state = (
            ("held with " + came if came else "held, nobody of the customer named"),
            "done",
        )
    elif status in ("cancelled", "no_show"):
        said, state = f"{name_of(status)} {who}".strip(), "missed"
    else:
        said, state = ("planned" if status == "scheduled" else status or "no status"), "open"
    return (
        _capital(name_of(row["activity_type"])),
        _joined([_day(moment.date()), said, row["summary"] or ""]),
        state,
    )


def _milestone(row: Row, day: date) -> tuple[str, str, str]:
    planned, done = row["planned_date"], row["completed_date"]
    if done is not None:
        late = (done - planned).days if planned else 0
        said = f"reached {_day(done)}" + (
            f", {counted(late, 'day')} after its plan" if late > 0 else ""
        )
        return _capital(name_of(row["milestone"])), said, "done"
    if planned is None:
        return _capital(name_of(row["milestone"])), "no date planned", "open"
    over = planned < day
    return _capital(name_of(row["milestone"])), f"planned for {_day(planned)}" + (", not reached" if over else ""), "missed" if over else "open"  # fmt: skip


def _goal(row: Row, day: date) -> tuple[str, str, str]:
    status = row["status"] or "open"
    mark = "first value" if row["is_first_value"] else ""
    if status == "achieved":
        said = f"reached {_day(row['achieved_date'])}".strip()
        return row["name"], _joined([mark, said, row["evidence"] or ""]), "done"
    if status == "dropped":
        return row["name"], _joined([mark, "dropped"]), "done"
    target = row["target_date"]
    over = target is not None and target < day
    said = f"to be reached by {_day(target)}" if target else "no day set"
    return row["name"], _joined([mark, said, row["measure"] or ""]), "missed" if over else "open"


def _handoff(row: Row, names: Mapping[str, str]) -> tuple[str, str, str]:
    received, kickoff = row["received_date"], row["kickoff_date"]
    said = [
        f"passed on {_day(row['handed_over_date'])}" if row["handed_over_date"] else "not passed on yet",
        f"received {_day(received)}" if received else "not received yet",
        f"kickoff {_day(kickoff)}" + (f", {row['kickoff_outcome']}" if row["kickoff_outcome"] else "") if kickoff else "no kickoff yet",
        f"to expect: {row['expectations']}" if row["expectations"] else "",
        f"risks: {row['risks']}" if row["risks"] else "",
    ]  # fmt: skip
    deal = names.get(row["opportunity_id"], row["opportunity_id"])
    return deal, _joined(said), "done" if received and kickoff else "open"


def _use_case(row: Row) -> tuple[str, str, str]:
    status = row["status"] or ""
    enabled = row["enabled_date"]
    said = [
        f"sold {_day(row['sold_date'])}" if row["sold_date"] else "",
        f"enabled {_day(enabled)}"
        if enabled
        else ""
        if status == "cancelled"
        else "not enabled yet",
        name_of(status) if status in ("in_progress", "cancelled") else "",
    ]
    return (
        row["name"] or row["use_case_id"],
        _joined(said),
        "done" if enabled or status == "cancelled" else "open",
    )


def _advocacy(row: Row, names: Mapping[str, str]) -> tuple[str, str, str]:
    status = row["status"] or ""
    who = names.get(row["contact_id"] or "", row["contact_id"] or "")
    done = status in ("completed", "published", "attended")
    refused = status in ("declined", "withdrawn", "no_show")
    said = [
        f"{name_of(status)} {_day(row['event_date'])}",
        who,
        row["site"] or "",
        row["referred_company"] or "",
    ]
    state = "done" if done else "missed" if refused else "open"
    return _capital(name_of(row["event_type"])), _joined(said), state


def _contact(row: Row, day: date) -> tuple[str, str, str]:
    left = row["active_to"] is not None and row["active_to"] <= day
    marks = [
        "sponsor" if row["is_executive_sponsor"] else "",
        name_of(row["role"]) if row["role"] not in (None, "executive_sponsor") else "",
        row["title"] or "",
        f"left {_day(row['active_to'])}" if left else "",
    ]
    return (
        row["name"] or row["contact_id"],
        _joined(marks) or "no role named",
        "missed" if left and row["is_executive_sponsor"] else "open",
    )


def _contract(row: Row) -> tuple[str, str, str]:
    notice = row["notice_date"]
    said = [
        row["contract_id"],
        f"notice given {_day(notice)}" if notice else "no notice",
        row["exit_reason"] or "",
    ]
    term = f"{_day(row['start_date']) or 'unknown start'} to {_day(row['end_date']) or 'open end'}"
    return term, _joined(said), "missed" if notice else "open"
