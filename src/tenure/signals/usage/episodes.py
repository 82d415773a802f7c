"""Odd days put together: one alone, three of five, a new level, and days on which everybody is odd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

import numpy as np

from tenure.signals.trajectory import PATTERNS, WEEKS, classify, row_median
from tenure.signals.usage.daily import WEEK, Daily
from tenure.signals.usage.model import last_weeks, weekly_totals
from tenure.signals.usage.unusual import MOST_RELATIVE, Unusual, on_and_off, weekday_effects
from tenure.signals.usage.words import amount_used, percent, spoken
from tenure.signals.weekly import Bools, Floats

SUSTAINED, OF_DAYS = 3, 5
SHARED_SHARE, SHARED_FROM = 0.5, 10
"""Where half of ten accounts or more are off the same way, the day is odd and not they."""
SHARED_Z: Final = 2.0
STEP_T, STEP_SIZE = 5.0, 0.20

Kind = Literal["day", "sustained", "level shift"]
Direction = Literal["high", "low"]


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One account's odd use of one metric.

    `days` are the odd ones between `first` and `last`; `value`, `expected`, `z` and `q` are of the oddest (of a level shift: use
    on a usual day before and now, and the t of the step; its q is NaN). `relative` is the share above (or below) what was expected, None where that
    was nothing.
    """

    account: str
    metric: str
    kind: Kind
    direction: Direction
    first: date
    last: date
    days: int
    value: float
    expected: float
    relative: float | None
    z: float
    q: float

    @property
    def says(self) -> str:
        """One sentence for people."""
        side = "above" if self.direction == "high" else "below"
        off = "" if self.relative is None else f", {percent(abs(self.relative))} {side}"
        if self.kind == "level shift":
            word = "higher" if self.direction == "high" else "lower"
            return (
                f"A {word} level since the week of {spoken(self.first)}: {amount_used(self.value)} a day in place of "
                f"{amount_used(self.expected)}{off}."
            )
        told = f"{amount_used(self.value)} where {amount_used(self.expected)} were expected{off}"
        if self.kind == "day":
            return f"{self.direction.capitalize()} on {spoken(self.first)}: {told}."
        span = f"{spoken(self.first, beside=self.last)} to {spoken(self.last)}"
        return f"{self.direction.capitalize()} on {self.days} days, {span}; most of all {told}."


@dataclass(frozen=True, slots=True)
class SharedDay:
    """A day on which so many of the accounts judged were off the same way: a holiday, or the source."""

    day: date
    metric: str
    direction: Direction
    accounts: int
    judged: int

    @property
    def says(self) -> str:
        """One sentence for people."""
        return (
            f"{spoken(self.day)}: {self.accounts:,} of {self.judged:,} accounts were {self.direction} in {self.metric}. That is the day, "
            "a holiday or the source, and no account's."
        )


def shared_days(use: Daily, metric: str, found: Unusual) -> tuple[list[SharedDay], Bools]:
    """The days that are odd for everybody, and which cells of `found.told` they explain."""
    explained = np.zeros(found.told.shape, dtype=bool)
    days = []
    with np.errstate(invalid="ignore"):
        off = (np.abs(found.z) > SHARED_Z) & (np.abs(found.relative) > MOST_RELATIVE)
    for place in range(found.told.shape[1]):
        judged = int(np.isfinite(found.z[:, place]).sum())
        for direction, side in (("high", found.z[:, place] > 0), ("low", found.z[:, place] < 0)):
            many = int((off[:, place] & side).sum())
            if judged >= SHARED_FROM and many >= SHARED_SHARE * judged:
                explained[:, place] |= side
                day = use.day(use.days - found.told.shape[1] + place)
                days.append(SharedDay(day, metric, direction, many, judged))  # type: ignore[arg-type]
    return days, explained


def odd_days(use: Daily, metric: str, found: Unusual, told: Bools) -> list[Anomaly]:
    """Told days of one account and direction put together where they lie within five days."""
    offset = use.days - told.shape[1]
    episodes = []
    for row, account in enumerate(use.accounts):
        for direction, side in (("high", found.z[row] > 0), ("low", found.z[row] < 0)):
            for days in _runs(np.flatnonzero(told[row] & side).tolist()):
                odd = max(days, key=lambda place: abs(found.z[row, place]))
                episodes.append(
                    Anomaly(
                        account, metric, "sustained" if _is_sustained(days) else "day", direction,  # type: ignore[arg-type]
                        use.day(offset + days[0]), use.day(offset + days[-1]), len(days),
                        float(use.values[row, offset + odd]), float(found.expected[row, odd]),
                        _known(float(found.relative[row, odd])), float(found.z[row, odd]), float(found.q[row, odd]),
                    )
                )  # fmt: skip
    return episodes


def level_shifts(use: Daily, metric: str, minimum: float) -> list[Anomaly]:
    """Accounts whose last 13 weeks hold a step, by the rule of trajectories on the weeks' usual days."""
    paths = classify(_usual_days(last_weeks(use.values, WEEKS)))
    episodes = []
    for row, account in enumerate(use.accounts):
        step_t, size = float(paths.step_t[row]), float(paths.step_size[row])
        moved = PATTERNS[paths.pattern[row]] == ("rising" if size > 0 else "declining")
        before = float(paths.level[row])
        now = before * (1 + size)
        if (
            not moved
            or abs(step_t) <= STEP_T
            or abs(size) <= STEP_SIZE
            or max(before, now) < minimum
        ):
            continue
        first = use.last - timedelta(days=WEEK * (13 - int(paths.step[row])) - 1)
        days = (use.last - first).days + 1
        direction: Direction = "high" if size > 0 else "low"
        episodes.append(
            Anomaly(
                account, metric, "level shift", direction, first, use.last, days, now, before, size,
                step_t, float("nan"),
            )
        )  # fmt: skip
    return episodes


def _usual_days(weeks: Floats) -> Floats:
    """Each week's level by its median day after the weekday, which three odd days do not move; the mean where use is on and off."""
    accounts, many, _ = weeks.shape
    means = weekly_totals(weeks) / WEEK
    logs = np.log1p(weeks)
    adjusted = logs - weekday_effects(logs)[:, None, :]
    middle = np.expm1(row_median(adjusted.reshape(accounts * many, WEEK))).reshape(accounts, many)
    usual = np.where(np.isnan(means), np.nan, np.maximum(middle, 0.0))
    return np.where(on_and_off(weeks)[:, None], means, usual)


def _known(share: float) -> float | None:
    return share if np.isfinite(share) else None


def _runs(places: Sequence[int]) -> list[list[int]]:
    found: list[list[int]] = []
    for place in places:
        if found and place - found[-1][-1] < OF_DAYS:
            found[-1].append(place)
        else:
            found.append([place])
    return found


def _is_sustained(places: Sequence[int]) -> bool:
    """Three of five days in a row."""
    pairs = zip(places, places[SUSTAINED - 1 :], strict=False)
    return any(later - earlier < OF_DAYS for earlier, later in pairs)
