"""One account on one day: what stands about it beside its numbers, ready to be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tenure.insights.book import BookRow
from tenure.insights.plan import name_of
from tenure.insights.value import Value, value

Row = Mapping[str, Any]
TOUCHES_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Stakeholder:
    """A contact of the account who is there on the day, the sponsor first; `left_on` where they have gone since."""

    contact_id: str
    name: str
    title: str
    department: str
    role: str
    is_sponsor: bool
    left_on: date | None
    last_met: date | None


@dataclass(frozen=True, slots=True)
class Touch:
    """One thing that happened between the account and its team."""

    at: datetime
    kind: str
    direction: str
    status: str
    by: str
    by_machine: bool
    with_ai: bool
    summary: str
    source: str
    activity_id: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """One contract in force or to come."""

    contract_id: str
    start: date
    end: date | None
    renews_itself: bool | None
    status: str
    notice_on: date | None


@dataclass(frozen=True, slots=True)
class Week:
    """The health of one week; None where nobody scored."""

    day: date
    score: float | None


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Everything known of one account on one day."""

    row: BookRow
    country: str
    since: date | None
    people: Sequence[Stakeholder]
    touches: Sequence[Touch]
    terms: Sequence[Term]
    weeks: Sequence[Week]
    verdict: str
    value: Value


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of one account as the lake holds them."""

    account: Row
    contacts: Sequence[Row]
    activities: Sequence[Row]
    attendees: Sequence[Row]
    contracts: Sequence[Row]
    weeks: Sequence[Week]
    goals: Sequence[Row] = ()
    advocacy: Sequence[Row] = ()


def account_page(
    row: BookRow, found: Found, members: Mapping[str, str], day: date, zone: str
) -> AccountPage:
    """What the page shows; touches newest first, at most forty, none after the civil `day` of the zone."""
    here = ZoneInfo(zone)
    acts = [a | {"occurred_at": _at(a["occurred_at"], here)} for a in map(dict, found.activities)]
    happened = [a for a in acts if a["occurred_at"].date() <= day]
    happened.sort(key=lambda a: (a["occurred_at"], a["activity_id"]), reverse=True)
    return AccountPage(
        row=row,
        country=found.account.get("country") or "",
        since=found.account.get("start_date"),
        people=_people(found.contacts, happened, found.attendees, day),
        touches=[_touch(a, members) for a in happened[:TOUCHES_SHOWN]],
        terms=_terms(found.contracts, day),
        weeks=found.weeks,
        verdict=verdict(row),
        value=value(found.goals, found.advocacy, day),
    )


def _at(moment: datetime, here: ZoneInfo) -> datetime:
    """The moment on the company's clocks; the lake keeps UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(here)


def verdict(row: BookRow) -> str:
    """Two sentences: what stands out, and where the score has come from."""
    said = [row.reason or "Nothing stands out today."]
    before, now = row.health_before, row.numbers.get("health_score")
    if before is not None and now is not None and "Health" not in said[0]:
        change = float(now) - before
        if abs(change) < 1:
            said.append(f"Health is where it was 90 days ago, at {float(now):.0f}.")
        else:
            way = "rose" if change > 0 else "fell"
            said.append(f"Health {way} from {before:.0f} to {float(now):.0f} in 90 days.")
    return " ".join(dict.fromkeys(said))


def _people(
    contacts: Iterable[Row], happened: Sequence[Row], attendees: Iterable[Row], day: date
) -> list[Stakeholder]:
    """Those who are there, and sponsors who have left: a sponsor's silence after leaving is the loudest."""
    when = {a["activity_id"]: a["occurred_at"].date() for a in happened}
    met: dict[str, date] = {}
    for seat in attendees:
        at = when.get(seat["activity_id"])
        if at is not None:
            met[seat["contact_id"]] = max(at, met.get(seat["contact_id"], at))
    found = []
    for one in contacts:
        came, left = one["active_from"], one["active_to"]
        if (came is not None and came > day) or (
            left is not None and left <= day and not one["is_executive_sponsor"]
        ):
            continue
        found.append(
            Stakeholder(
                contact_id=one["contact_id"],
                name=one["name"] or one["contact_id"],
                title=one["title"] or "",
                department=one["department"] or "",
                role=(one["role"] or "").replace("_", " "),
                is_sponsor=bool(one["is_executive_sponsor"]),
                left_on=left if left is not None and left <= day else None,
                last_met=met.get(one["contact_id"]),
            )
        )
    return sorted(found, key=lambda p: (not p.is_sponsor, p.left_on is not None, p.name))


def _touch(row: Row, members: Mapping[str, str]) -> Touch:
    by = row["user_id"]
    return Touch(
        at=row["occurred_at"],
        kind=name_of(row["activity_type"]) or "touch",
        direction=(row["direction"] or "").replace("_", " "),
        status=(row["status"] or "").replace("_", " "),
        by=members.get(by, by) if by else "",
        by_machine=bool(row["is_automated"]),
        with_ai=bool(row["is_ai_assisted"]),
        summary=row["summary"] or "",
        source=row.get("source_file") or "",
        activity_id=row["activity_id"],
    )


def _terms(contracts: Iterable[Row], day: date) -> list[Term]:
    terms = [
        Term(
            c["contract_id"], c["start_date"], c["end_date"], c["auto_renew"], c["status"] or "",
            c["notice_date"],
        )
        for c in contracts
        if c["end_date"] is None or c["end_date"] > day
    ]  # fmt: skip
    return sorted(terms, key=lambda t: (t.end is None, t.end or date.max, t.contract_id))
