"""Which way a metric went: declining, spiking, flat, with the step's week and the level's zone.

Thirteen weekly readings are judged against the twenty-six before them. Every quantity is a median or a rank, so that
one odd week decides nothing. Pure arithmetic on arrays of one row per series; missing is NaN.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from tenure.signals.evidence import Evidence
from tenure.signals.lines import Line, Zone, zone
from tenure.signals.plainly import plainly
from tenure.signals.weekly import Bools, Floats, Ints, Weekly, weekly

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


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One account: the pattern, where it stands now, and the numbers behind both; None where not known.

    `zone` is the zone of `now`, the median of the last four readings: flat and low is the silent killer. `step_on` is
    the Monday of the week from which the level was another, for a pattern that declines or rises by a step.
    """

    account: str
    pattern: str
    zone: Zone
    now: float
    level: float
    slope_per_week: float
    relative: float
    z: float
    noise: float
    step_on: date | None
    readings: int
    says: str


@dataclass(frozen=True, slots=True)
class Trajectories:
    """The patterns of all accounts on one day, one `Trajectory` each by iterating."""

    weekly: Weekly
    paths: Paths
    last_week: int
    at_risk: Line | None
    healthy: Line | None
    evidence: Evidence

    def __len__(self) -> int:
        return len(self.weekly.accounts)

    def __iter__(self) -> Iterator[Trajectory]:
        p = self.paths
        start = self.last_week - WINDOW + 1
        for row, account in enumerate(self.weekly.accounts):
            pattern = PATTERNS[p.pattern[row]]
            stepped = pattern in ("declining", "rising") and abs(p.step_t[row]) > 5
            now = float(p.now[row])
            yield Trajectory(
                account=account,
                pattern=pattern,
                zone=zone(now, self.at_risk, self.healthy) if self.at_risk else "unknown",
                now=now,
                level=float(p.level[row]),
                slope_per_week=float(p.slope[row]),
                relative=float(p.relative[row]),
                z=float(p.z[row]),
                noise=float(p.noise[row]),
                step_on=self.weekly.monday(start + int(p.step[row])) if stepped else None,
                readings=int(p.readings[row]),
                says=_sentence(pattern, float(p.relative[row]), int(p.readings[row])),
            )

    def counts(self) -> dict[str, int]:
        """How many accounts show each pattern."""
        found = np.bincount(self.paths.pattern, minlength=len(PATTERNS))
        return {word: int(n) for word, n in zip(PATTERNS, found, strict=True)}

    def to_dict(self) -> dict[str, Any]:
        """Counts, accounts and evidence as plain values."""
        return {
            "counts": self.counts(),
            "accounts": [plainly(one) for one in self],
            "evidence": self.evidence.to_dict(),
        }


def classify_trajectories(
    frame: Any,
    *,
    account: str,
    time: str,
    value: str,
    at_risk: Line | None = None,
    healthy: Line | None = None,
    as_of: date | None = None,
) -> Trajectories:
    """The pattern of every account of a long table over the 13 weeks up to a day, against the 26 before them.

    Args:
        frame: one row per reading; see `Plain`.
        account: the column with the account.
        time: the column with the day.
        value: the column with the number.
        at_risk: the threshold's line, for the zone.
        healthy: its healthy line.
        as_of: the last day read; the table's last where not given.

    Raises:
        UserError: a column does not hold what it should.
    """
    read = weekly(frame, account=account, time=time, value=value)
    last = read.weeks - 1 if as_of is None else read.week(as_of)
    values = window_ending(read.values, np.full(len(read.accounts), last))
    paths = classify(values)
    return Trajectories(
        weekly=read,
        paths=paths,
        last_week=last,
        at_risk=at_risk,
        healthy=healthy,
        evidence=Evidence(
            n=int(np.isfinite(values).sum()),
            events=0,
            method="trajectory/1",
            first=read.monday(last - WEEKS + 1).isoformat(),
            last=read.monday(last + 1).isoformat(),
            as_of=as_of.isoformat() if as_of else "",
        ),
    )


def window_ending(values: Floats, last: Ints, rows: Ints | None = None) -> Floats:
    """The 39 weeks up to and with the week `last` of each row; NaN outside the table and for the row -1."""
    rows = np.arange(len(values)) if rows is None else rows
    weeks = last[:, None] + np.arange(1 - WEEKS, 1)
    inside = (weeks >= 0) & (weeks < values.shape[1]) & (rows >= 0)[:, None]
    found = values[np.where(inside, rows[:, None], 0), np.where(inside, weeks, 0)]
    return np.where(inside, found, np.nan)


def _sentence(pattern: str, relative: float, readings: int) -> str:
    if pattern == "insufficient":
        return f"Too few readings: {readings} of 13 weeks, and 8 are needed there and in the 26 weeks before."
    if pattern in ("declining", "rising"):
        return f"{pattern.capitalize()}: {100 * abs(relative):.0f} % over 12 weeks."
    return {
        "dormant": "Every reading is zero.",
        "spiking": "A short spike that is over.",
        "dropping": "A short dip that has recovered.",
        "volatile": "Swings more than it used to, in no direction.",
        "flat": "No lasting change.",
    }[pattern]


def population(baseline: Floats) -> Population:
    """The usual spread of the series (rows) of a baseline; 0 where nothing is known."""
    middle = row_median(baseline)
    own = _MAD * row_median(np.abs(baseline - middle[:, None]))
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
    first, last = row_median(in_order[:, :4]), row_median(_last(in_order, n, 4))
    middle = row_median(baseline)
    level = np.where(n_before >= MIN_READINGS, middle, row_median(window))
    own = _MAD * row_median(np.abs(baseline - middle[:, None]))
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
        near = np.abs(row_median(u)) < 2
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
    return row_median((window[:, _LATER] - window[:, _EARLIER]) / (_LATER - _EARLIER))


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
    rough = _MAD * row_median(np.abs(steps - row_median(steps)[:, None])) / np.sqrt(2)
    return np.asarray(np.fmax(rough, 0.5 * spread))


def _best_split(window: Floats, noise: Floats, level: Floats) -> tuple[Ints, Floats, Floats]:
    """Week, t and relative height of the largest step between means before and after."""
    filled = np.where(np.isfinite(window), window, row_median(window)[:, None])
    before = np.cumsum(filled, axis=1)[:, _SPLITS - 1]
    difference = (filled.sum(axis=1, keepdims=True) - before) / (WINDOW - _SPLITS)
    difference -= before / _SPLITS
    t = _share(difference, noise[:, None] * np.sqrt(1 / _SPLITS + 1 / (WINDOW - _SPLITS)))
    best = np.argmax(np.where(np.isnan(t), -1.0, np.abs(t)), axis=1)
    rows = np.arange(len(window))
    return _SPLITS[best], t[rows, best], _share(difference[rows, best], np.abs(level))


def _few(counts: Ints) -> Bools:
    return (counts >= 1) & (counts <= 3)


def _share(part: Floats, whole: Floats) -> Floats:
    """A share, where nothing over nothing is 0: a series that never moves has not moved."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(part == 0, 0.0, part / whole)


def _to_the_front(window: Floats, known: Bools) -> Floats:
    """The known readings of each row in their order, then NaN."""
    order = np.argsort(~known, axis=1, kind="stable")
    return np.take_along_axis(window, order, axis=1)


def _last(in_order: Floats, n: Ints, count: int) -> Floats:
    """The last `count` known readings of each row; NaN where there are fewer."""
    at = n[:, None] - count + np.arange(count)
    found = np.take_along_axis(in_order, np.maximum(at, 0), axis=1)
    return np.where(at >= 0, found, np.nan)


def row_median(rows: Floats) -> Floats:
    """The median of the known values of each row; numpy's own is many times slower on short rows with gaps."""
    ranked = np.sort(rows, axis=1)  # NaN comes last
    n = (~np.isnan(ranked)).sum(axis=1)
    if rows.shape[1] == 0:
        return np.full(len(rows), np.nan)
    low = np.maximum((n - 1) // 2, 0)[:, None]
    high = np.minimum(n // 2, rows.shape[1] - 1)[:, None]
    pair = np.take_along_axis(ranked, low, axis=1) + np.take_along_axis(ranked, high, axis=1)
    return np.asarray(pair[:, 0] / 2)
