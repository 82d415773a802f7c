"""Use in the days to come from use so far: weekday × level × a trend that fades, or the plain rate of 28 days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tenure.signals.trajectory import row_median, theil_sen
from tenure.signals.usage.daily import WEEK
from tenure.signals.weekly import Floats

NEEDED_DAYS: Final = 28
"""Below four weeks nothing is told."""
FACTOR_WEEKS, LEVEL_WEEKS, TREND_WEEKS = 8, 4, 13
LEVEL_FROM: Final = 2
"""Of the last four weeks so many must be known."""
TREND_FROM: Final = 8
"""Weekly totals below which there is no trend: the level's noise would be read as one."""
MOST_GROWTH, DAMPING = 0.05, 0.9
KNOWN_IN_WEEK: Final = 4
"""Known days that stand for a week."""


@dataclass(frozen=True, slots=True)
class Model:
    """One entry per account: use per week now, the factor of each of the 7 days to come (mean 1), growth per week.

    `level` is NaN where of the last four weeks fewer than two are known.
    """

    level: Floats
    factors: Floats
    growth: Floats

    def cumulated(self, days: int) -> Floats:
        """Use up to and with each of the coming days; one row per account."""
        ahead = np.arange(days)
        fading = np.cumsum(DAMPING ** np.arange(1, days // WEEK + 2))
        trend = 1 + self.growth[:, None] * fading[ahead // WEEK]
        each = self.level[:, None] / WEEK * self.factors[:, ahead % WEEK] * trend
        return np.cumsum(each, axis=1)


def fit(values: Floats) -> Model:
    """What the days so far say; one row per account, the last column is the day before the first to come.

    Source: statistics of Tenure, section 13. Level: median of the last 4 weekly totals. Factors: median over 8 weeks of a day's
    share of its week. Growth: Theil–Sen over 13 weekly totals, relative to the level, within ± 5 %; 0 below 8 weeks.
    """
    weeks = last_weeks(values, TREND_WEEKS)
    totals = weekly_totals(weeks)
    latest = totals[:, -LEVEL_WEEKS:]
    told = (~np.isnan(latest)).sum(axis=1) >= LEVEL_FROM
    level = np.where(told, row_median(latest), np.nan)
    slope = theil_sen(totals)
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.clip(slope / level, -MOST_GROWTH, MOST_GROWTH)
    enough = (~np.isnan(totals)).sum(axis=1) >= TREND_FROM
    growth = np.where(enough & (level > 0), growth, 0.0)
    return Model(level, _factors(weeks[:, -FACTOR_WEEKS:], totals[:, -FACTOR_WEEKS:]), growth)


def run_rate(values: Floats) -> Floats:
    """Use per day over the last 28 days (or fewer, where fewer are known): the catalogue's burn."""
    recent = values[:, -NEEDED_DAYS:]
    known = (~np.isnan(recent)).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.nansum(recent, axis=1) / np.where(known, known, np.nan))


def last_weeks(values: Floats, many: int) -> Floats:
    """The last `many` times seven days, by account, week and day; NaN in the weeks before an account's first whole one."""
    wanted = many * WEEK
    found = np.full((len(values), wanted), np.nan)
    have = min(wanted, values.shape[1])
    if have:
        found[:, -have:] = values[:, -have:]
    begins = np.where(np.isnan(found).all(axis=1), wanted, (~np.isnan(found)).argmax(axis=1))
    whole = -(-begins // WEEK) * WEEK
    found[np.arange(wanted) < whole[:, None]] = np.nan
    return found.reshape(len(values), many, WEEK)


def weekly_totals(weeks: Floats) -> Floats:
    """Weekly totals; a week with a few unknown days counts by its known ones, one with most unknown is unknown."""
    known = (~np.isnan(weeks)).sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        totals = np.nansum(weeks, axis=2) / known * WEEK
    return np.where(known >= KNOWN_IN_WEEK, totals, np.nan)


def _factors(weeks: Floats, totals: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = weeks * WEEK / totals[:, :, None]
    ratios = np.where(np.isfinite(ratios), ratios, np.nan)
    accounts = len(weeks)
    middle = row_median(ratios.transpose(0, 2, 1).reshape(accounts * WEEK, -1))
    middle = middle.reshape(accounts, WEEK)
    mean = np.where(np.isnan(middle).any(axis=1), np.nan, middle.sum(axis=1) / WEEK)
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = middle / mean[:, None]
    # Use on so few days that every weekday's median is nothing has no weekday to tell.
    return np.where((mean > 0)[:, None], factors, 1.0)
