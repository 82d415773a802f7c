"""All accounts on one day, behind the notebook's door: what the screens stand on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from tenure.insights.account import AccountPage, Found, Week, account_page
from tenure.insights.book import (
    HEALTH,
    TREND_WEEKS,
    ZONE_OF_LINE,
    BookRow,
    Line,
    Opened,
    Settled,
    Surroundings,
    book_rows,
)
from tenure.insights.sight import leads_of
from tenure.kernel.errors import UnknownName
from tenure.lake import journal
from tenure.lake.engines.current import CurrentRows
from tenure.lake.freshness import OURS, late_tables
from tenure.metrics.derived.book import Owners
from tenure.metrics.derived.fact import civil_day
from tenure.metrics.history.made import has_history
from tenure.metrics.one_account import attendees_of, rows_of
from tenure.metrics.questions import Day, day_of
from tenure.workspace.flag_rows import FlagDoor, asked_of, is_open, kept_rows
from tenure.workspace.keeping import live

WEEKS_SHOWN = 52
SETTLED_DAYS = 100
"""How long a closed flag is remembered beside the open ones: longer than a dismissal lasts."""
FRESH_DAYS = 7
"""Facts that ended longer ago are an export of then, and are shown as of then."""


def shown_day(facts_until: date, today: date) -> date:
    """The day a screen shows where nobody asks for another."""
    return today if (today - facts_until).days <= FRESH_DAYS else facts_until


Scores = tuple[int, tuple[float | None, ...]]
"""An account's health by week: the place of its first week among the days, and the scores from there on."""


@dataclass(frozen=True, slots=True)
class Present:
    """Every account on one day as one snapshot has it, most urgent first.

    `owned` and `sold` are the accounts by the team member who looks after them, and who is their account executive,
    that day, `led` the members by their lead as the newest facts have it. `scores` is a year of health by account, on the as-ofs `week_days`. `late` are the tables whose facts have stopped, with the last day they speak of.
    """

    day: date
    snapshot: int
    currency: str
    rows: Sequence[BookRow]
    owners: Owners
    sold: Mapping[str, frozenset[str]]
    members: Mapping[str, str]
    late: Mapping[str, date]
    lines: Sequence[Line]
    loaded_at: datetime | None
    facts_until: date
    owned: Mapping[str, frozenset[str]]
    led: Mapping[str, frozenset[str]]
    by_id: Mapping[str, BookRow] = field(repr=False)
    week_days: Sequence[date] = ()
    scores: Mapping[str, Scores] = field(default_factory=dict, repr=False)


class WithPresent:
    """The part of a workspace that shows all accounts on one day."""

    __slots__ = ()

    def present(self: FlagDoor, as_of: Day = None) -> Present:
        """Every account with its numbers, zone and reason, computed now.

        Args:
            as_of: by default today, or the last day of the facts where nothing has come for a week: over an export
                of last spring every contract would have ended by today.
        """
        span, facts, computed = self.data_span(), self.facts(), self.computed()
        until = _facts_until(span.last, facts, self.defaults.today, self.settings.time_zone)
        day = day_of(as_of) or shown_day(until, self.defaults.today)
        chosen = [m for m in self.catalogue if has_history(m)]
        numbers = live(chosen, (day,), computed, self.defaults, None) if facts.tables() else ()
        names = self.names_of("team_members")
        flags, settled = _flags(self, day)
        week_days, scores = _scores(self, day)
        trends = _trends(week_days, scores)
        around = Surroundings(
            names, computed.reading.owners(), flags, settled, trends, _lines(self)
        )
        rows = book_rows(numbers, computed.reading.rows("accounts"), around, day)
        return Present(
            day=day,
            snapshot=self.snapshot.number,
            currency=self.settings.reporting_currency,
            rows=rows,
            owners=around.owners,
            sold=_sold(computed.reading.rows("account_assignments"), day),
            members=names,
            late=late_tables(facts.engine, day),
            lines=around.lines,
            loaded_at=span.loaded_at,
            facts_until=until,
            owned=_owned(rows),
            led=leads_of(computed.reading.rows("team_members")),
            by_id={row.account_id: row for row in rows},
            week_days=week_days,
            scores=scores,
        )

    def account(self: FlagDoor, account_id: str, present: Present) -> AccountPage:
        """One account on the day of `present`, with its people, touches, contracts and a year of weekly health.

        Raises:
            UnknownName: no such account.
        """
        row = present.by_id.get(account_id)
        if row is None:
            raise UnknownName("account", account_id, present.by_id)
        reading = self.computed().reading
        found = Found(
            account=next(iter(rows_of(reading, "accounts", account_id)), {}),
            contacts=rows_of(reading, "contacts", account_id),
            activities=rows_of(reading, "activities", account_id),
            attendees=attendees_of(reading, account_id),
            contracts=rows_of(reading, "contracts", account_id),
            weeks=_weeks(account_id, present),
            goals=rows_of(reading, "goals", account_id),
            advocacy=rows_of(reading, "advocacy_events", account_id),
        )
        return account_page(row, found, present.members, present.day, self.settings.time_zone)


def _weeks(account_id: str, present: Present) -> list[Week]:
    """A year of weekly health; empty where no history is kept."""
    first, scores = present.scores.get(account_id, (0, ()))
    return [Week(day, score) for day, score in zip(present.week_days[first:], scores, strict=False)]


def _facts_until(last: date | None, facts: CurrentRows, today: date, zone: str) -> date:
    """The last civil day of which anything is known, touches included: the table that holds them holds plans too."""
    days = [last] if last is not None else []
    if "activities" in facts.tables():
        day = civil_day("occurred_at", zone)
        found = facts.query(
            f"select max({day}) from activities where status = 'completed' and {day} <= $today",  # noqa: S608 - our own words
            {"today": today},
        )
        days += [row[0] for row in found if row[0] is not None]
    return max(days, default=today)


def _owned(rows: Sequence[BookRow]) -> dict[str, frozenset[str]]:
    held: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        held[row.owner_id].add(row.account_id)
    return {owner: frozenset(own) for owner, own in held.items()}


def _flags(door: FlagDoor, day: date) -> tuple[dict[str, list[Opened]], dict[str, list[Settled]]]:
    """Flags open at the end of the day by account, and those that had closed not long before it."""
    held: dict[str, list[Opened]] = defaultdict(list)
    settled: dict[str, list[Settled]] = defaultdict(list)
    until = _held_until(door)
    for row in kept_rows(door):
        metric, reason, cleared = row["metric_id"] or "", row["reason"] or "", row["cleared_date"]
        if is_open(row, day):
            held[row["account_id"]].append(
                Opened(
                    metric, reason, row["raised_date"], asked_of(row), row["flag_id"],
                    row["source"] == OURS,
                )
            )  # fmt: skip
        elif cleared is not None and cleared <= day < cleared + timedelta(days=SETTLED_DAYS):
            settled[row["account_id"]].append(
                Settled(
                    metric, reason, cleared, row["ended"] or "", row["reason_said"] or "",
                    until.get(row["flag_id"]),
                )
            )  # fmt: skip
    for own in settled.values():
        own.sort(key=lambda one: one.closed_on, reverse=True)
    return held, settled


def _held_until(door: FlagDoor) -> dict[str, date]:
    """The day until which a person holds a flag down."""
    return {
        entry.about: date.fromisoformat(entry.content["until"])
        for entry in journal.entries(door.lake)
        if entry.kind in ("dismissed", "snoozed")
    }


def _scores(door: FlagDoor, day: date) -> tuple[list[date], dict[str, Scores]]:
    """The as-ofs of a year, and each account's health from its first of them on; empty where no history is kept."""
    first = day - timedelta(days=WEEKS_SHOWN * 7)
    every = {d for part in door.kept.parts.values() for d in part.runs if first <= d <= day}
    days = sorted(every)
    if not days or not any(HEALTH in part.metrics for part in door.kept.parts.values()):
        return [], {}
    place = {one: number for number, one in enumerate(days)}
    held: dict[str, dict[int, float | None]] = defaultdict(dict)
    for row in door.history([HEALTH], start=days[0], end=days[-1]):
        value = row[HEALTH]
        held[row["account_id"]][place[row["as_of"]]] = None if value is None else float(value)
    return days, {account: _from_first(own, len(days)) for account, own in held.items()}


def _from_first(own: Mapping[int, float | None], end: int) -> Scores:
    first = min(own)
    return first, tuple(own.get(place) for place in range(first, end))


def _trends(
    days: Sequence[date], scores: Mapping[str, Scores]
) -> dict[str, tuple[float | None, ...]]:
    """The last weeks of health per account, oldest first, None where there was no account yet."""
    shown = len(days[-TREND_WEEKS:])
    return {
        account: ((None,) * shown + own)[-shown:] if shown else ()
        for account, (_, own) in scores.items()
    }


def _lines(door: FlagDoor) -> list[Line]:
    declared, _ = door.catalogue.find(HEALTH)
    return [
        Line(ZONE_OF_LINE[line.zone], float(line.value), line.origin)
        for line in declared.thresholds
        if line.zone in ZONE_OF_LINE and isinstance(line.value, int | float)
    ]


def _sold(assignments: Sequence[Mapping[str, Any]], day: date) -> dict[str, frozenset[str]]:
    held: dict[str, set[str]] = defaultdict(set)
    for row in assignments:
        ended = row["end_date"] is not None and row["end_date"] <= day
        if row["role"] == "ae" and row["start_date"] <= day and not ended:
            held[row["user_id"]].add(row["account_id"])
    return {member: frozenset(own) for member, own in held.items()}
