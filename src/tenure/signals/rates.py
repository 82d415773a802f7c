"""Rates and what may be said of them: intervals, several tests at once, stratified tables.

The formulas are those of `docs/look-up`'s page on methods; each function names its source.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959963984540054
"""Standard normal quantile at .975."""

Table = tuple[float, float, float, float]
"""One stratum: exposed with the event, exposed without, others with the event, others without."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate between two limits; any of them NaN where it is not known."""

    estimate: float
    low: float
    high: float

    def to_list(self) -> list[float | None]:
        """Estimate, low, high; NaN as None."""
        return [None if math.isnan(v) else v for v in (self.estimate, self.low, self.high)]


NOWHERE = Interval(math.nan, math.nan, math.nan)


def wilson(k: float, n: float, *, z: float = Z95) -> Interval:
    """A share k/n with its Wilson score interval (Wilson 1927); n = 0 is unknown."""
    if n <= 0:
        return NOWHERE
    p, zz = k / n, z * z
    centre = (p + zz / (2 * n)) / (1 + zz / n)
    half = z * math.sqrt(p * (1 - p) / n + zz / (4 * n * n)) / (1 + zz / n)
    return Interval(p, 0.0 if k == 0 else centre - half, 1.0 if k == n else centre + half)


def newcombe(k1: float, n1: float, k0: float, n0: float) -> Interval:
    """The difference of two shares with Newcombe's interval (1998, method 10)."""
    a, b = wilson(k1, n1), wilson(k0, n0)
    if n1 <= 0 or n0 <= 0:
        return NOWHERE
    d = a.estimate - b.estimate
    low = d - math.hypot(a.estimate - a.low, b.high - b.estimate)
    return Interval(d, low, d + math.hypot(a.high - a.estimate, b.estimate - b.low))


def benjamini_hochberg(p: Sequence[float]) -> NDArray[np.float64]:
    """q-values: the smallest false-discovery rate at which each test would be taken (Benjamini & Hochberg 1995)."""
    values = np.asarray(p, dtype=float)
    m = len(values)
    if not m:
        return values
    order = np.argsort(values, kind="stable")
    ranked = values[order] * m / np.arange(1, m + 1)
    found = np.empty(m)
    found[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    return found


def benjamini_yekutieli(p: Sequence[float]) -> NDArray[np.float64]:
    """q-values under any dependence (Benjamini & Yekutieli 2001)."""
    m = len(p)
    return np.minimum(benjamini_hochberg(p) * sum(1 / i for i in range(1, m + 1)), 1.0)


def mantel_haenszel_odds(tables: Iterable[Table]) -> tuple[float, float]:
    """The common log odds ratio over strata and its standard error (Robins, Breslow & Greenland 1986).

    Only strata with both arms and both outcomes' sum speak; NaN where none does. Where one side has no product at
    all, half an event spread over the strata is added to every cell.
    """
    kept = [t for t in tables if t[0] + t[1] > 0 and t[2] + t[3] > 0]
    if not kept:
        return math.nan, math.nan
    cells = np.asarray(kept, dtype=float)
    a, b, c, d = cells.T
    n = cells.sum(axis=1)
    if (a * d / n).sum() == 0 or (b * c / n).sum() == 0:
        a, b, c, d = (cells + 0.5 / len(kept)).T
        n = a + b + c + d
    r, s, p, q = a * d / n, b * c / n, (a + d) / n, (b + c) / n
    rr, ss = r.sum(), s.sum()
    var = (p * r).sum() / (2 * rr**2)
    var += (p * s + q * r).sum() / (2 * rr * ss) + (q * s).sum() / (2 * ss**2)
    return float(math.log(rr / ss)), float(math.sqrt(var))


def mantel_haenszel_difference(tables: Iterable[Table]) -> tuple[float, float, float]:
    """The common risk difference, its standard error (Sato 1989), and the share of rows in strata with both arms."""
    cells = np.asarray(list(tables), dtype=float).reshape(-1, 4)
    a, b, c, d = cells.T
    n1, n0, n = a + b, c + d, cells.sum(axis=1)
    both = (n1 > 0) & (n0 > 0)
    if not both.any():
        return math.nan, math.nan, 0.0
    a, c, n1, n0 = a[both], c[both], n1[both], n0[both]
    m = n[both]
    w = n1 * n0 / m
    rd = ((a * n0 - c * n1) / m).sum() / w.sum()
    p = (n1**2 * c - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / m**2
    q = (a * (n0 - c) + c * (n1 - a)) / (2 * m)
    var = (rd * p.sum() + q.sum()) / w.sum() ** 2
    return float(rd), float(math.sqrt(max(var, 0.0))), float(m.sum() / n.sum())


def mantel_haenszel_ratio(tables: Iterable[Table]) -> Interval:
    """The common risk ratio with its interval (Greenland & Robins 1985); unknown where an arm has no event."""
    cells = np.asarray(list(tables), dtype=float).reshape(-1, 4)
    a, b, c, d = cells.T
    n1, n0, n = a + b, c + d, cells.sum(axis=1)
    ok = n > 0
    a, c, n1, n0, n = a[ok], c[ok], n1[ok], n0[ok], n[ok]
    top, under = (a * n0 / n).sum(), (c * n1 / n).sum()
    if top == 0 or under == 0:
        return NOWHERE
    var = ((n1 * n0 * (a + c) - a * c * n) / n**2).sum() / (top * under)
    log, half = math.log(top / under), Z95 * math.sqrt(max(var, 0.0))
    return Interval(math.exp(log), math.exp(log - half), math.exp(log + half))


def e_value(ratio: float) -> float:
    """How strong an unmeasured confounder would have to be to explain a risk ratio away (VanderWeele & Ding 2017)."""
    if math.isnan(ratio) or ratio <= 0:
        return math.nan
    r = max(ratio, 1 / ratio)
    return r + math.sqrt(r * (r - 1))
