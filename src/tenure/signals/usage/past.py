"""How wrong the same forecast was on past days: log of actual over forecast use, 7, 30 and 90 days ahead.

Each past origin knows only the days before it. One pass over the origins serves both ways of forecasting and all accounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tenure.signals.usage.daily import WEEK, Daily
from tenure.signals.usage.model import NEEDED_DAYS, fit, run_rate
from tenure.signals.weekly import Bools, Floats, Ints

HORIZONS: Final = (7, 30, 90)
DENSE_UP_TO: Final = 182
"""A table of at most half a year is told from every day; a longer one weekly, always on today's weekday."""
MOST_ORIGINS: Final = 104
MOST_WRONG: Final = float(np.log(100.0))
"""An error is at most a factor of a hundred: use that stopped altogether has no logarithm."""
KNOWN_SHARE: Final = 0.8
"""Of the days told, so many must be known for the error to count."""

WAYS: Final = ("trend", "run rate")
CONTESTS, CONTEST_DAYS = 4, 28


@dataclass(frozen=True, slots=True)
class Past:
    """Errors by way, horizon, account and origin (newest first), NaN where not told; days between two origins."""

    errors: Floats
    step: int

    def of(self, way: int, horizon: int, row: int) -> Floats:
        """The known errors of one account at one of the horizons, newest first."""
        found = self.errors[way, horizon, row]
        return np.asarray(found[~np.isnan(found)])


def told_before(use: Daily) -> Past:
    """The errors of every past origin with 28 days before it.

    Source: statistics of Tenure, section 13; rolling-origin evaluation as in Tashman 2000.
    """
    begins = use.begins()
    step = 1 if use.days <= DENSE_UP_TO else WEEK
    first = int(begins.min()) + NEEDED_DAYS
    origins = range(use.days - HORIZONS[0], first - 1, -1)
    if step == WEEK:
        origins = range(use.days - WEEK, first - 1, -WEEK)[:MOST_ORIGINS]
    errors = np.full((len(WAYS), len(HORIZONS), len(use.accounts), len(origins)), np.nan)
    for place, origin in enumerate(origins):
        told = _told(use.values[:, :origin], HORIZONS[-1])
        old_enough = origin - begins >= NEEDED_DAYS
        for at, horizon in enumerate(HORIZONS):
            if origin + horizon <= use.days:
                came = _came(use.values[:, origin : origin + horizon])
                forecast = told[:, :, horizon - 1]
                errors[:, at, :, place] = np.where(old_enough, _wrong(came, forecast), np.nan)
    return Past(errors, step)


def challenger_wins(use: Daily, segments: tuple[str, ...]) -> Bools:
    """Where the plain 28-day rate replaces the trend: over 4 past months it was nearer.

    An account with 28 days before the first of them is judged by itself, a younger one by its segment. Distance is weighted
    absolute percentage error (WAPE) of the use of 28 days together: week by week, a forecast of nothing would win wherever use
    comes once a month. Decision: the-plain-rate-challenges.
    """
    accounts = len(use.accounts)
    missed = np.zeros((len(WAYS), accounts, CONTESTS))
    own = use.days - use.begins() >= CONTESTS * CONTEST_DAYS + NEEDED_DAYS
    for contest in range(CONTESTS):
        origin = use.days - (contest + 1) * CONTEST_DAYS
        if origin < NEEDED_DAYS:
            break
        came = _came(use.values[:, origin : origin + CONTEST_DAYS])
        told = _told(use.values[:, :origin], CONTEST_DAYS)[:, :, -1]
        missed[:, :, contest] = np.nan_to_num(np.abs(told - came))
    wins = _nearer(missed)
    groups = np.array(segments, dtype=object)
    for word in set(segments):
        members = groups == word
        judged = members & own
        if judged.any():
            total = missed[:, judged].sum(axis=1, keepdims=True)
            wins[members & ~own] = _nearer(total)[0]
        else:
            wins[members] = False
    return wins


def _nearer(missed: Floats) -> Bools:
    """The denominators of WAPE are the same for both, so what was missed in units decides."""
    trend, plain = missed
    return np.asarray(plain.sum(axis=1) < trend.sum(axis=1))


def _told(before: Floats, days: int) -> Floats:
    """Cumulated use to come by way, account and day."""
    plain = run_rate(before)[:, None] * np.arange(1, days + 1)
    return np.stack([fit(before).cumulated(days), plain])


def _came(days: Floats) -> Floats:
    """Use of all the days by the known ones; unknown where too few are."""
    known = (~np.isnan(days)).mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.nansum(days, axis=1) / known
    return np.where(known >= KNOWN_SHARE, total, np.nan)


def _wrong(came: Floats, forecast: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.log(came) - np.log(forecast)
    error = np.where(np.isnan(came) | ~(forecast > 0), np.nan, error)
    return np.asarray(np.clip(error, -MOST_WRONG, MOST_WRONG))


def history_days(use: Daily) -> Ints:
    """Days since each account's first row."""
    return np.maximum(use.days - use.begins(), 0)
