"""Days off: given by whoever knows the calendar, since no calendar of the world's holidays comes with Tenure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from tenure.signals.plain import Plain
from tenure.signals.usage.daily import Daily

EVERYWHERE = ""

Holidays = Iterable[Any] | Mapping[str, Iterable[Any]]
"""Days for all, or days by region; the region of the empty word is everybody's."""


def read_holidays(given: Holidays) -> dict[str, frozenset[date]]:
    """Days off by region.

    Raises:
        UserError: a value is no day.
    """
    by_region = given if isinstance(given, Mapping) else {EVERYWHERE: given}
    return {str(region): _days(days) for region, days in by_region.items()}


def without_holidays(
    use: Daily, holidays: Mapping[str, frozenset[date]], region_of: Mapping[str, str]
) -> Daily:
    """The same use with each account's days off unknown: they are judged by nothing, and judge no other day."""
    values = use.values.copy()
    for row, account in enumerate(use.accounts):
        own = holidays.get(EVERYWHERE, frozenset()) | holidays.get(
            region_of.get(account, EVERYWHERE), frozenset()
        )
        places = [(day - use.first).days for day in own]
        values[row, [place for place in places if 0 <= place < use.days]] = float("nan")
    return replace(use, values=values)


def _days(given: Iterable[Any]) -> frozenset[date]:
    days = Plain({"holiday": list(given)}).days("holiday")
    return frozenset(day for day in days.tolist() if day is not None)
