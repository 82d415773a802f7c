"""Days and ranges of days as people say them."""

from __future__ import annotations

from datetime import date

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip


def spoken(day: date, *, beside: date | None = None) -> str:
    """`14 March 2026`; without the year where a day of the same year stands beside it."""
    told = f"{day.day} {MONTHS[day.month - 1]}"
    return told if beside is not None and beside.year == day.year else f"{told} {day.year}"


def between(first: date, last: date) -> str:
    """`between 3 and 28 March 2026`; `on 3 March 2026` where both are the same."""
    if first == last:
        return f"on {spoken(first)}"
    if (first.year, first.month) == (last.year, last.month):
        return f"between {first.day} and {spoken(last)}"
    return f"between {spoken(first, beside=last)} and {spoken(last)}"


def percent(share: float) -> str:
    """`64 %`."""
    return f"{100 * share:.0f} %"


def chance(share: float) -> str:
    """`30 %`; errors of the past cannot tell a never from a seldom."""
    return "under 5 %" if share < 0.05 else "over 95 %" if share > 0.95 else percent(share)


def amount_used(units: float) -> str:
    """Units as short as they can be told."""
    return f"{units:,.0f}" if abs(units) >= 100 else f"{units:.3g}"
