"""Which way a metric went: declining, spiking, flat, with the step's week and the level's zone.

Thirteen weekly readings are judged against the twenty-six before them. Every quantity is a median or a rank, so that
one odd week decides nothing. Pure arithmetic on arrays of one row per series; missing is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

WINDOW: Final = 13
BASELINE: Final = 26
WEEKS: Final = BASELINE + WINDOW
MIN_READINGS: Final = 8
CHUNK: Final = 8192
"""Series at a time: the pairs of a chunk fill about 5 MB, which the processor's cache can hold."""

PATTERNS: Final = (
    "insufficient",
    "dormant",
    "spiking",
    "dropping",
    "volatile",
    "declining",
    "rising",
    "flat",
)
"""In the order in which they are asked; the first that applies is the answer."""

_MAD = 1.4826  # makes a median deviation a standard deviation where the noise is normal
_EARLIER, _LATER = np.triu_indices(WINDOW, 1)
_SPLITS = np.arange(3, 11)


@dataclass(frozen=True, slots=True)
class Population:
    """What is usual among the series: median relative spread and median spread of their baselines."""

    cv: float
    mad: float


@dataclass(frozen=True, slots=True)
class Paths:
    """One entry per series.

    `pattern` indexes `PATTERNS`; `level` and `now` (median of the last four readings), `slope` (per week), `change`
    (12 slopes), `noise` and `spread` are in the metric's unit; `relative` = change / level; `z` is Mann–Kendall's;
    `step` is the week within the window (0 to 12) in which the largest step stands, `step_size` its height in shares
    of the level. NaN where too few readings are known.
    """

    pattern: Ints
    level: Floats
    now: Floats
    slope: Floats
    relative: Floats
    z: Floats
    noise: Floats
    spread: Floats
    step: Ints
    step_t: Floats
    step_size: Floats
    readings: Ints
    population: Population

    def words(self) -> list[str]:
        """The pattern of every series as a word."""
        return [PATTERNS[i] for i in self.pattern]


def population(baseline: Floats) -> Population:
    """The usual spread of the series (rows) of a baseline; 0 where nothing is known."""
    middle = _median(baseline)
    own = _MAD * _median(np.abs(baseline - middle[:, None]))
    known = np.isfinite(own)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = own[known & (middle != 0)] / np.abs(middle[known & (middle != 0)])
    return Population(
        float(np.median(shares)) if len(shares) else 0.0,
        float(np.median(own[known])) if known.any() else 0.0,
    )


def classify(values: Floats, usual: Population | None = None) -> Paths:
    """The patterns of weekly series.

    Args:
        values: one row per series, 39 weeks (26 of baseline, 13 of window); missing is NaN.
        usual: the population's spreads; taken from these baselines where not given.

    Source: statistics of Tenure, section 5; Theil 1950, Sen 1968, Mann 1945, Kendall 1975.
    """
    values = np.asarray(values, dtype=float).reshape(-1, WEEKS)
    usual = population(values[:, :BASELINE]) if usual is None else usual
    parts = [
        _classify(values[start : start + CHUNK], usual)
        for start in range(0, max(len(values), 1), CHUNK)
    ]
    names = [n for n in Paths.__dataclass_fields__ if n != "population"]
    joined = {n: np.concatenate([getattr(p, n) for p in parts]) for n in names}
    return Paths(**joined, population=usual)


def _classify(values: Floats, usual: Population) -> Paths:
    baseline, window = values[:, :BASELINE], values[:, BASELINE:]
    known = np.isfinite(window)
    n, n_before = known.sum(axis=1), np.isfinite(baseline).sum(axis=1)
    in_order = _to_the_front(window, known)
    first, last = _median(in_order[:, :4]), _median(_last(in_order, n, 4))
    middle = _median(baseline)
    level = np.where(n_before >= MIN_READINGS, middle, _median(window))
    own = _MAD * _median(np.abs(baseline - middle[:, None]))
    size = np.abs(np.where(np.isfinite(middle), middle, 0.0))
    spread = np.fmax(np.fmax(own, 0.5 * usual.cv * size), 0.25 * usual.mad)
    slope, z = theil_sen(window), mann_kendall(window)
    noise = _noise(in_order, spread)
    step, step_t, step_size = _best_split(window, noise, level)
    with np.errstate(invalid="ignore"):
        relative = _share(12 * slope, np.maximum(np.abs(level), usual.mad))
        h = last - first
        h_relative = _share(h, np.abs(level))
        u = _share(window - level[:, None], spread[:, None])
        latest = _share(_last(in_order, n, 2) - level[:, None], spread[:, None])
        rough = _share(noise, spread) > 2.5
        hi, lo = (u > 4).sum(axis=1), (u < -4).sum(axis=1)
        near = np.abs(_median(u)) < 2
        back = (np.abs(latest) <= 3).all(axis=1)
        moved = np.abs(h) > 2 * noise
        restless = (rough | ((hi >= 2) & (lo >= 2))) & (np.abs(h) <= 4 * noise)
        down = (z < -1.96) & moved & ((relative < -0.2) | (h_relative < -0.2))
        down |= (step_t < -5) & (step_size < -0.2) & ~(_few(hi) & near)
        up = (z > 1.96) & moved & ((relative > 0.2) | (h_relative > 0.2))
        up |= (step_t > 5) & (step_size > 0.2) & ~(_few(lo) & near)
    rules = [
        (n < MIN_READINGS) | (n_before < MIN_READINGS),
        ((window == 0) | ~known).all(axis=1),
        _few(hi) & (lo == 0) & near & back,
        _few(lo) & (hi == 0) & near & back,
        restless,
        down,
        up,
    ]
    pattern = np.select(rules, list(range(len(rules))), default=len(rules))
    return Paths(
        pattern, level, last, slope, relative, z, noise, spread, step, step_t, step_size, n, usual
    )


def theil_sen(window: Floats) -> Floats:
    """The median slope per week over all pairs of readings of each row."""
    return _median((window[:, _LATER] - window[:, _EARLIER]) / (_LATER - _EARLIER))


def mann_kendall(window: Floats) -> Floats:
    """The trend's z with continuity correction; ties shrink the variance by their share of pairs; 0 where all tie."""
    n = np.isfinite(window).sum(axis=1).astype(float)
    signs = np.sign(window[:, _LATER] - window[:, _EARLIER])
    pairs = n * (n - 1) / 2
    s = np.nansum(signs, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        tied = (signs == 0).sum(axis=1) / pairs
        variance = n * (n - 1) * (2 * n + 5) / 18 * (1 - tied)
        z = (s - np.sign(s)) / np.sqrt(variance)
    return np.asarray(np.where(n < 2, np.nan, np.where(variance > 0, z, 0.0)))


def _noise(in_order: Floats, spread: Floats) -> Floats:
    """Spread of the steps from reading to reading; the median keeps one large step out of it."""
    steps = np.diff(in_order, axis=1)
    rough = _MAD * _median(np.abs(steps - _median(steps)[:, None])) / np.sqrt(2)
    return np.asarray(np.fmax(rough, 0.5 * spread))


def _best_split(window: Floats, noise: Floats, level: Floats) -> tuple[Ints, Floats, Floats]:
    """Week, t and relative height of the largest step between means before and after."""
    filled = np.where(np.isfinite(window), window, _median(window)[:, None])
    before = np.cumsum(filled, axis=1)[:, _SPLITS - 1]
    difference = (filled.sum(axis=1, keepdims=True) - before) / (WINDOW - _SPLITS)
    difference -= before / _SPLITS
    t = _share(difference, noise[:, None] * np.sqrt(1 / _SPLITS + 1 / (WINDOW - _SPLITS)))
    best = np.argmax(np.where(np.isnan(t), -1.0, np.abs(t)), axis=1)
    rows = np.arange(len(window))
    return _SPLITS[best], t[rows, best], _share(difference[rows, best], np.abs(level))


def _few(counts: Ints) -> NDArray[np.bool_]:
    return (counts >= 1) & (counts <= 3)


def _share(part: Floats, whole: Floats) -> Floats:
    """A share, where nothing over nothing is 0: a series that never moves has not moved."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(part == 0, 0.0, part / whole)


def _to_the_front(window: Floats, known: NDArray[np.bool_]) -> Floats:
    """The known readings of each row in their order, then NaN."""
    order = np.argsort(~known, axis=1, kind="stable")
    return np.take_along_axis(window, order, axis=1)


def _last(in_order: Floats, n: Ints, count: int) -> Floats:
    """The last `count` known readings of each row; NaN where there are fewer."""
    at = n[:, None] - count + np.arange(count)
    found = np.take_along_axis(in_order, np.maximum(at, 0), axis=1)
    return np.where(at >= 0, found, np.nan)


def _median(rows: Floats) -> Floats:
    """The median of the known values of each row; numpy's own is many times slower on short rows with gaps."""
    ranked = np.sort(rows, axis=1)  # NaN comes last
    n = (~np.isnan(ranked)).sum(axis=1)
    if rows.shape[1] == 0:
        return np.full(len(rows), np.nan)
    low = np.maximum((n - 1) // 2, 0)[:, None]
    high = np.minimum(n // 2, rows.shape[1] - 1)[:, None]
    pair = np.take_along_axis(ranked, low, axis=1) + np.take_along_axis(ranked, high, axis=1)
    return np.asarray(pair[:, 0] / 2)
