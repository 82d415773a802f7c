"""Readings with two times: what a metric was on a day, as known that day or as known today."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Readings:
    """One row per reading and version: account (a code), day observed, day recorded, value.

    A reading written again has the same account and day observed; the later record replaces the earlier.
    """

    account: Ints
    observed: Ints
    recorded: Ints
    value: Floats

    def __post_init__(self) -> None:
        """Sort once, so that every question is a search."""
        order = np.lexsort([self.value, self.recorded, self.observed, self.account])
        for name in ("account", "observed", "recorded", "value"):
            object.__setattr__(self, name, np.asarray(getattr(self, name))[order])


@dataclass(frozen=True, slots=True)
class Asked:
    """The days on which accounts are looked at: one row per account and day."""

    account: Ints
    day: Ints


def mean_of_last(
    readings: Readings,
    asked: Asked,
    *,
    last: int = 1,
    max_age: int | None = None,
    as_known_then: bool = True,
) -> Floats:
    """The mean of the last readings on or before each day asked; NaN where there is none.

    Args:
        readings: the versions.
        asked: accounts and days, in the unit of `observed`.
        last: how many readings; fewer are taken where there are fewer.
        max_age: older readings do not count, in the same unit.
        as_known_then: only what was recorded by that day; without, what is known today (which knows the future).
    """
    found = np.full(len(asked.day), np.nan)
    for day in np.unique(asked.day):
        mask = readings.observed <= day
        if as_known_then:
            mask &= readings.recorded <= day
        if max_age is not None:
            mask &= readings.observed >= day - max_age
        means = _means(readings, mask, last)
        for row in np.flatnonzero(asked.day == day):
            found[row] = means.get(int(asked.account[row]), np.nan)
    return found


def _means(readings: Readings, mask: NDArray[np.bool_], last: int) -> dict[int, float]:
    account, observed = readings.account[mask], readings.observed[mask]
    value = readings.value[mask]
    if not len(account):
        return {}
    # Sorted by record, the last version of a reading is the last row of its account and day.
    final = np.append((account[1:] != account[:-1]) | (observed[1:] != observed[:-1]), True)
    account, value = account[final], value[final]
    ends = np.append(np.flatnonzero(account[1:] != account[:-1]), len(account) - 1)
    starts = np.concatenate([[0], ends[:-1] + 1])
    firsts = np.maximum(starts, ends - last + 1)
    sums = np.concatenate([[0.0], np.cumsum(value)])
    means = (sums[ends + 1] - sums[firsts]) / (ends - firsts + 1)
    return dict(zip(account[ends].tolist(), means.tolist(), strict=True))
