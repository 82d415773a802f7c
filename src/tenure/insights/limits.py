"""What a book's count of churns may be before it says anything: limits, over-dispersion and shrinkage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaincinv, gammaln, pdtr, pdtrc

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


def tails(expected: float, phi: float) -> tuple[Floats, Floats]:
    """P(count <= c) and P(count > c) for c = 0, 1, ..: Poisson, or negative binomial of variance phi times the mean.

    As far as counts go that matter: to where the upper tail is far below the rarest limit.
    """
    counts = np.arange(int(expected + 12 * np.sqrt(phi * expected) + 30 * phi))
    if phi <= 1:
        return pdtr(counts, expected), pdtrc(counts, expected)
    r, p = expected / (phi - 1), 1 / phi
    return betainc(r, counts + 1, p), betainc(counts + 1, r, 1 - p)


def limits(expected: float, phi: float, tail: float) -> Limits:
    """The counts that are not among the `tail` rarest on either side: P(<= low - 1) and P(>= high + 1) are at most it."""
    below, above = tails(expected, phi)
    return Limits(int(np.argmax(below > tail)), int(np.argmax(above <= tail)))


def seen_at(expected: float, phi: float, ratio: float, beyond: int) -> float:
    """How often a book whose true churn is `ratio` times the expected one would count more than `beyond`."""
    return float(tails(expected * ratio, phi)[1][beyond])


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
    low, high = gammaincinv(observed + k, [0.05, 0.95]) / (expected + k)  # Gamma's quantiles
    return Interval((observed + k) / (expected + k), float(low), float(high))
