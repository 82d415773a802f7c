"""What a book's count of churns may be before it says anything: limits, over-dispersion and shrinkage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import gammaln

from tenure.signals.rates import Interval

Floats = NDArray[np.float64]

ONE_SIDED = {"95": 0.025, "99.8": 0.001}
WINSORISED = 0.10
LEAST_K = 4.0
GRID = np.geomspace(0.5, 400.0, 241)


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts of churns still within: `low` and `high` included."""

    low: int
    high: int


def dispersion(observed: Floats, expected: Floats) -> float:
    """How much more books differ than chance alone: the mean of squared z, at least 1 (Spiegelhalter 2005).

    z = 2 (sqrt O - sqrt E), the lowest and highest tenth pulled in, so that one unusual book does not hide itself.
    """
    z = 2 * (np.sqrt(observed) - np.sqrt(expected))
    low, high = np.quantile(z, [WINSORISED, 1 - WINSORISED])
    return max(1.0, float((np.clip(z, low, high) ** 2).mean()))


def law(expected: float, phi: float) -> stats.rv_frozen:  # scipy's own type of a distribution
    """The distribution of a book's churns: Poisson, or negative binomial of variance phi times the mean."""
    if phi <= 1:
        return stats.poisson(expected)
    return stats.nbinom(expected / (phi - 1), 1 / phi)


def limits(expected: float, phi: float, tail: float) -> Limits:
    """The counts that are not among the `tail` rarest on either side."""
    own = law(expected, phi)
    low = int(own.ppf(tail))
    while own.cdf(low) <= tail:
        low += 1
    while low > 0 and own.cdf(low - 1) > tail:
        low -= 1
    high = int(own.isf(tail))
    while own.sf(high) > tail:
        high += 1
    while high > 0 and own.sf(high - 1) <= tail:
        high -= 1
    return Limits(low, high)


def seen_at(expected: float, phi: float, ratio: float, beyond: int) -> float:
    """How often a book whose true churn is `ratio` times the expected one would count more than `beyond`."""
    return float(law(expected * ratio, phi).sf(beyond))


def shape(observed: Floats, expected: Floats) -> float:
    """The k of a Gamma(k, k) of true ratios that makes the counts likeliest, at least 4.

    Sum of lnG(O + k) - lnG(k) + k ln(k / (k + E)) + O ln(E / (k + E)) over the books, on a grid from .5 to 400.
    """
    k = GRID[:, None]
    value = gammaln(observed + k) - gammaln(k) + k * np.log(k / (k + expected))
    value = value + observed * np.log(expected / (k + expected))
    return max(LEAST_K, float(GRID[int(np.argmax(value.sum(axis=1)))]))


def shrunken(observed: float, expected: float, k: float) -> Interval:
    """The empirical-Bayes ratio (O + k) / (E + k) with its 90 % interval."""
    low, high = stats.gamma.ppf([0.05, 0.95], observed + k, scale=1 / (expected + k))
    return Interval((observed + k) / (expected + k), float(low), float(high))
