"""Worlds of daily use with a known truth (W17 commitments, W18 odd days). They import nothing that they judge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

WEEKDAYS = np.array([1.15, 1.2, 1.2, 1.15, 1.0, 0.2, 0.1])


@dataclass(frozen=True)
class Book:
    """Use by account and day, the days before today, each account's segment, and what was planted."""

    values: np.ndarray
    today: int
    segments: tuple[str, ...]
    planted: np.ndarray


def drifting(rng: np.random.Generator, accounts: int, days: int, weekly: float) -> np.ndarray:
    """A level that wanders: its logarithm takes a normal step of standard deviation `weekly` a week, day by day."""
    steps = rng.normal(0, weekly / np.sqrt(7), (accounts, days))
    return np.cumsum(steps, axis=1)


def w17(
    number: int, *, accounts: int = 60, today: int = 365, ahead: int = 180, weekly: float = 0.04,
    noise: float = 0.3, short: float = 0.0, kind: str = "wandering",
) -> Book:  # fmt: skip
    """Commitments: lognormal levels, weekdays, day noise, a wandering level; in half of the accounts a rise or fall.

    `short` is the share of accounts that began 30 to 59 days before today. Kinds: `wandering`; `monthly` (use on one day a month);
    `steady` (no wandering, no trend).
    """
    rng = np.random.default_rng([17, number])
    days = today + ahead
    level = np.exp(rng.normal(4.5, 0.8, (accounts, 1)))
    segments = tuple("smb" if n % 2 else "enterprise" for n in range(accounts))
    loud = np.array([1.5 if s == "smb" else 1.0 for s in segments])[:, None]
    path = np.zeros((accounts, days))
    if kind == "wandering":
        path = drifting(rng, accounts, days, weekly) * loud
        # A rise or fall that sets in somewhere and fades within a few months.
        onset = rng.integers(0, days, (accounts, 1))
        slope = np.where(rng.random((accounts, 1)) < 0.5, rng.normal(0, 0.02, (accounts, 1)), 0)
        weeks = np.clip((np.arange(days) - onset) / 7, 0, None)
        path += slope * (1 - 0.93**weeks) / 0.07
    shape = WEEKDAYS[(np.arange(days) + int(rng.integers(7))) % 7]
    values = level * shape * np.exp(path + noise * loud * rng.normal(size=(accounts, days)))
    if kind == "monthly":
        at = (np.arange(days) + rng.integers(0, 28, (accounts, 1))) % 28 == 0
        values = np.where(at, 28 * level * np.exp(noise * rng.normal(size=(accounts, days))), 0.0)
    young = rng.random(accounts) < short
    began = np.where(young, today - rng.integers(30, 60, accounts), 0)
    values[np.arange(days) < began[:, None]] = np.nan
    return Book(values, today, segments, young)


def w18(
    number: int, *, accounts: int = 100, metrics: int = 1, days: int = 280, judged: int = 28, noise: float = 0.25,
    planted: float = 0.0, size: float = 0.0, length: int = 1, counts: bool = False, weekly: float = 0.03,
) -> Book:  # fmt: skip
    """Odd days: a row per account and metric; in a share `planted` of the rows use is times `size` for `length` days.

    The odd days lie on workdays within the last `judged` days, and begin on a day after the first of them. `planted` of the book has 1
    where the planted day is. `counts` draws whole numbers. Without `planted` nothing is odd: the level wanders, that is all.
    """
    rng = np.random.default_rng([18, number])
    rows = accounts * metrics
    level = np.exp(rng.normal(4.5, 0.8, (rows, 1)))
    weekday = np.arange(days) % 7
    mean = level * WEEKDAYS[weekday] * np.exp(drifting(rng, rows, days, weekly))
    odd = np.zeros((rows, days))
    for row in np.flatnonzero(rng.random(rows) < planted):
        start = days - judged + int(rng.integers(1, max(judged - length - 4, 2)))
        start += (7 - weekday[start]) if weekday[start] > 4 else 0
        odd[row, start : start + length] = 1
    mean = np.where(odd > 0, mean * size, mean)
    values = mean * np.exp(noise * rng.normal(size=(rows, days)))
    if counts:
        values = rng.poisson(values).astype(float)
    return Book(values, days, tuple("" for _ in range(rows)), odd)
