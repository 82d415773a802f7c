"""The bars of an account's pages, each with what it says to a pointer; the table beside them holds the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenure.insights.contract_terms import Month
from tenure.insights.usage_seen import UsageSeen, UsageWeek
from tenure.kernel.unknown import Unknown
from tenure.kernel.wording import counted, short_money
from tenure.reports.marks import Bar, bars

HEIGHT = 150.0


def usage_bars(seen: UsageSeen) -> dict[str, Any]:
    """Events by week, and seats bought with those given out before them."""
    found: dict[str, Any] = {"usage_bars": (), "seat_bars": (), "taken_bars": ()}
    if seen.has_usage:
        drawn = [(_known(w.events), "used", _events_said(w)) for w in seen.weeks]
        found["usage_bars"] = _drawn(drawn)
        found["usage_said"] = _usage_said(seen.weeks)
    if seen.has_seats:
        most = max(max(w.seats or 0, w.taken or 0) for w in seen.weeks) or 1
        bought = [(_known(w.seats), "bought", _seats_said(w)) for w in seen.weeks]
        taken = [(_known(w.taken), "used", _seats_said(w)) for w in seen.weeks]
        found["seat_bars"] = bars(bought, high=most, height=HEIGHT)
        found["taken_bars"] = bars(taken, high=most, height=HEIGHT)
        found["seats_said"] = _seats_now(seen.weeks[-1])
    return found


def month_bars(months: Sequence[Month], currency: str) -> dict[str, Any]:
    """ARR by month; a month without a known amount is a gap."""
    if not months:
        return {"month_bars": ()}
    drawn = []
    for month in months:
        known = None if isinstance(month.arr, Unknown) else float(month.arr)
        said = "unknown" if known is None else f"{short_money(known)} {currency}"
        drawn.append((known, "used", f"{month.day.day} {month.day:%b %Y}: {said}"))
    return {"month_bars": _drawn(drawn)}


def _drawn(values: Sequence[tuple[float | None, str, str]]) -> list[Bar]:
    most = max((value for value, _, _ in values if value is not None), default=0.0)
    return bars(values, high=most or 1.0, height=HEIGHT)


def _known(number: int | None) -> float | None:
    return None if number is None else float(number)


def _week_said(week: UsageWeek) -> str:
    return f"Week from {week.monday.day} {week.monday:%b %Y}"


def _events_said(week: UsageWeek) -> str:
    return f"{_week_said(week)}: {counted(week.events or 0, 'event')} by {counted(week.people or 0, 'person', 'people')}"


def _seats_said(week: UsageWeek) -> str:
    return f"{_week_said(week)}: {_taken_of(week)}"


def _taken_of(week: UsageWeek) -> str:
    if week.taken is None:
        return f"{counted(week.seats or 0, 'seat')} bought, nobody says who holds one"
    if week.seats is None:
        return f"{counted(week.taken, 'seat')} given out, nobody says how many were bought"
    return f"{week.taken:,} of {counted(week.seats, 'seat')} given out"


def _seats_now(week: UsageWeek) -> str:
    said = _taken_of(week)
    return f"At the end of the last complete week: {said}."


def _usage_said(weeks: Sequence[UsageWeek]) -> str:
    """The last four weeks against the four before, and the weeks without any use."""
    known = [week.events for week in weeks if week.events is not None]
    last, before = sum(known[-4:]), sum(known[-8:-4])
    if len(known) < 8:  # noqa: PLR2004 - four weeks and the four before
        said = f"{counted(sum(known), 'event')} in {counted(len(known), 'week')}."
    elif before:
        change = (last - before) / before
        way = "more than" if change > 0 else "fewer than"
        said = f"{counted(last, 'event')} in the last four weeks, {abs(change):.0%} {way} in the four before.".replace("%", " %")  # fmt: skip
        if abs(change) < 0.005:  # noqa: PLR2004 - half a per cent is written as none
            said = (
                f"{counted(last, 'event')} in the last four weeks, as many as in the four before."
            )
    else:
        said = f"{counted(last, 'event')} in the last four weeks, none in the four before."
    silent = sum(not events for events in known)
    return f"{said} {counted(silent, 'week')} without use." if silent else said
