"""From a form of risk to lines that flag: rounded, strict, with a grey zone between at risk and healthy."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenure.signals.rates import NOWHERE, Interval
from tenure.signals.thresholds.band import Band
from tenure.signals.thresholds.bins import Floats, Grid, counts
from tenure.signals.thresholds.config import Config
from tenure.signals.thresholds.cut_interval import CutInterval
from tenure.signals.thresholds.lines import NOTHING, Line, Zone
from tenure.signals.thresholds.metric import Metric
from tenure.signals.thresholds.rounding import Scale, Unrounded, rounded
from tenure.signals.thresholds.shape import Shape, shape


@dataclass(frozen=True, slots=True)
class Fit:
    """The lines of one metric on some rows.

    `at` and `well` are the cuts before rounding with their limits (NaN: there is none); `exit`: a flag closes
    beyond it, the safe end of what the at-risk cut leaves open.
    """

    low_is_risk: bool
    shape: Shape
    at_risk: Zone = NOTHING
    healthy: Zone = NOTHING
    at: Interval = NOWHERE
    well: Interval = NOWHERE
    exit: Line | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """One metric's values, their grid, and whom it happened to."""

    values: Floats
    grid: Grid
    happened: NDArray[np.bool_]


def fit(
    metric: Metric,
    rows: Rows,
    config: Config,
    *,
    low_is_risk: bool,
    rng: np.random.Generator,
) -> Fit:
    """The form of the risk and the lines it gives."""
    found = counts(rows.grid, rows.happened, low_is_risk=low_is_risk)
    form = shape(found, config, rng)
    known = np.sort(rows.values[~np.isnan(rows.values)])
    scale = Scale(known, rows.grid.whole, metric.unit == "days")
    if form.kind == "band" and form.band is not None:
        return _banded(form, form.band, rows.grid, scale, low_is_risk=low_is_risk)
    if form.kind in ("step", "two_step"):
        first, *second = form.cuts
        at = rounded(Unrounded(first.value, first.low, first.high), scale, below=low_is_risk)
        well, healthy = NOWHERE, _safe_end(first, rows.grid, low_is_risk=low_is_risk)
        if second:
            well = _interval(second[0])
            cut = Unrounded(well.estimate, well.low, well.high)
            healthy = rounded(cut, scale, below=not low_is_risk)
        leave = _exit(first, at, rows.grid, low_is_risk=low_is_risk)
        return Fit(
            low_is_risk, form, Zone((at,)), _beside(at, healthy), _interval(first), well, leave
        )
    return _gradual(form, scale, low_is_risk=low_is_risk)


def _interval(cut: CutInterval) -> Interval:
    return Interval(cut.value, cut.low, cut.high)


def _safe_end(cut: CutInterval, grid: Grid, *, low_is_risk: bool) -> Line | None:
    """With one break, healthy begins where the break certainly lies behind; nowhere if that is the end of the data."""
    if cut.safe == (grid.high if low_is_risk else grid.low):
        return None
    return _outward(cut.safe, cut.high - cut.low, grid, low_is_risk=low_is_risk)


def _outward(value: float, width: float, grid: Grid, *, low_is_risk: bool) -> Line:
    """The value with as many digits as its uncertainty allows, rounded away from the risk."""
    if grid.whole:
        whole = math.floor(value) if low_is_risk else math.ceil(value)
        return Line(float(whole), ">" if low_is_risk else "<")
    step = 10.0 ** (math.floor(math.log10(width)) - 1) if width > 0 else 1e-6
    turned = math.ceil(value / step) if low_is_risk else math.floor(value / step)
    digits = max(0, -math.floor(math.log10(step)))
    return Line(round(turned * step, digits), ">" if low_is_risk else "<")


def _beside(at: Line, healthy: Line | None) -> Zone:
    """The healthy side, never reaching into what is at risk."""
    if healthy is None:
        return NOTHING
    crossed = healthy.value <= at.value if at.below else healthy.value >= at.value
    return Zone((at.opposite() if crossed else healthy,))


def _exit(cut: CutInterval, at: Line, grid: Grid, *, low_is_risk: bool) -> Line:
    safe = cut.safe
    if safe == cut.value or (safe <= at.value if low_is_risk else safe >= at.value):
        further = (
            grid.cuts[grid.cuts > at.value] if low_is_risk else grid.cuts[grid.cuts < at.value]
        )
        end = grid.high if low_is_risk else grid.low
        safe = float((further.min() if low_is_risk else further.max()) if len(further) else end)
    return Line(safe, ">=" if low_is_risk else "<=")


def _gradual(form: Shape, scale: Scale, *, low_is_risk: bool) -> Fit:
    risky, safe = form.policy
    if form.kind != "gradual" or risky is None:
        return Fit(low_is_risk, form)
    at = rounded(Unrounded(risky.value, risky.low, risky.high), scale, below=low_is_risk)
    healthy = None
    if safe is not None:
        healthy = rounded(Unrounded(safe.value, safe.low, safe.high), scale, below=not low_is_risk)
    leave = Line(risky.high, ">=") if low_is_risk else Line(risky.low, "<=")
    return Fit(
        low_is_risk,
        form,
        Zone((at,)),
        _beside(at, healthy),
        Interval(risky.value, risky.low, risky.high),
        NOWHERE if safe is None else Interval(safe.value, safe.low, safe.high),
        leave,
    )


def _banded(form: Shape, band: Band, grid: Grid, scale: Scale, *, low_is_risk: bool) -> Fit:
    """Two edges without an interval of their own: they stand where the data put them."""
    first, second = (float(grid.cuts[at]) for at in (band.first, band.second))
    low = rounded(Unrounded(first, first, first), scale, below=True)
    high = rounded(Unrounded(second, second, second), scale, below=False)
    outside = Zone((low, high))
    inside = Zone((low.opposite(), high.opposite()), all_of=True)
    risky, safe = (inside, outside) if band.risk_inside else (outside, inside)
    return Fit(low_is_risk, form, risky, safe)
