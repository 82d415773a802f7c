"""The numbers every method computes, one per account and reading, defined in plain words.

The names are those of Tenure's history columns; each method writes them in its own natural way. `d` is the day of
the reading, "28 days" are d and the 27 before it. Own people: not marked internal, and not removed on d or before;
somebody not on file is one of them. A number that cannot be said is null, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

WINDOW = 28
POWER_DAYS = 8
LEAST_EVENTS = 5
WEEKS = 12
FEWEST_WEEKS = 4
ACTIVATION = "feature_00"

NUMBERS: Mapping[str, str] = {
    "active_user_pct__active_users": "own people with an event in 28 days",
    "active_user_pct": "the same / seats bought and in force on d",
    "power_user_pct": "own people with events on 8 days or more of 28 / seats",
    "cross_functional_usage": "distinct known departments of own people with an event in 28 days; null before the account's first row",
    "cross_functional_usage__unknown_department_users": "own people with an event in 28 days and no department; null likewise",
    "feature_adoption_depth": "advanced features of products bought with 5 events or more in 28 days / all of them",
    "usage_trend": "(events of 28 days - events of the 28 days before) / the latter; null where that is 0",
    "usage_trend__absolute_change": "events of 28 days - events of the 28 days before; null before the account's first row",
    "usage_consistency": "population deviation / mean of weekly events over the last 12 complete ISO weeks the account has lived, "
    "zeros included; null below 4 weeks, before the first row, or without events",
    "usage_consistency__active_week_share": "those weeks with events / those weeks",
    "seat_utilization": "people with a seat on d / seats",
    "burn_rate_forecast__consumed": "units used since the credit term began; null without a term",
    "burn_rate_forecast__daily_burn": "units of 28 days / 28, or the term's days if fewer",
    "burn_rate_forecast__days_to_exhaustion": "units left / daily burn; null where nothing burns and something is left",
    "burn_rate_forecast__exhaustion_date": "d + that, rounded up to a day",
    "burn_rate_forecast__projected_consumption": "consumed + daily burn x days after d and before the term's end",
    "burn_rate_forecast": "the same / units committed",
    "time_to_activation": "days from the account's first seat of an own person to its first use of feature_00 by one; null until then",
}  # fmt: skip


def metrics() -> list[str]:
    """Tenure's metrics behind the numbers."""
    return sorted({name.partition("__")[0] for name in NUMBERS})


def readings(said: str, last: date) -> tuple[date, ...]:
    """The days read, from words like `52w` (Sundays) or `104d` (days), the last of them not after `last`."""
    number, step = int(said[:-1]), {"w": 7, "d": 1}[said[-1]]
    end = last - timedelta(days=(last.weekday() + 1) % 7) if step == 7 else last
    return tuple(end - timedelta(days=step * back) for back in reversed(range(number)))
