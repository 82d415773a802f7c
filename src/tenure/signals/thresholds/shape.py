"""What form the risk takes: one break, two, a smooth rise, a band, or nothing with enough support."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tenure.signals.thresholds.band import Band, band
from tenure.signals.thresholds.bins import Counts
from tenure.signals.thresholds.config import Config
from tenure.signals.thresholds.cut_interval import CutInterval, intervals
from tenure.signals.thresholds.cuts import one_cut, two_cuts
from tenure.signals.thresholds.gradual import (
    PolicyLine,
    best_curve,
    falls,
    policy_line,
)
from tenure.signals.thresholds.second_cut import second_cut_p

Kind = Literal["step", "two_step", "gradual", "band", "none"]
FEW_BINS = 8
"""A curve needs more bins than this to be told from a step."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The form, with what it rests on.

    `cuts` for one or two breaks, `policy` (at risk, healthy) for a smooth rise, each None outside the middle 98 %
    of the values; `band` for risk on both sides. `bic_gap`: how much better the curve is than the steps (NaN: not
    compared). `second_p`: of a second break.
    """

    kind: Kind
    cuts: tuple[CutInterval, ...] = ()
    policy: tuple[PolicyLine | None, PolicyLine | None] = (None, None)
    band: Band | None = None
    bic_gap: float = math.nan
    second_p: float = math.nan


def shape(found: Counts, config: Config, rng: np.random.Generator) -> Shape:
    """The form of the risk over the bins."""
    around = band(found, config, rng)
    if around is not None:
        return Shape("band", band=around)
    events, rows = found.events[None, :].astype(float), found.rows.astype(float)
    single = one_cut(events, rows, config)
    if not np.isfinite(single.best[0]):
        return Shape("none")
    step, second_p = _steps(found, int(single.at[0]), config, rng)
    best = float(single.best[0] if len(step) == 1 else two_cuts(events, rows, config).best[0])
    gap = _bic_gap(found, best, parameters=3 if len(step) == 1 else 5)
    if gap > config.gradual_margin:
        return _gradual(found, gap, second_p, config, rng)
    kind: Kind = "step" if len(step) == 1 else "two_step"
    return Shape(kind, step, bic_gap=gap, second_p=second_p)


def _steps(
    found: Counts, at: int, config: Config, rng: np.random.Generator
) -> tuple[tuple[CutInterval, ...], float]:
    """One cut, or two where the second is significant, apart from the first, and has a middle between."""
    p = second_cut_p(found, at, config, rng)
    if p <= config.alpha_second_cut:
        both = two_cuts(found.events[None, :].astype(float), found.rows.astype(float), config)
        (a,), (b,) = both.at
        share = found.rows[a + 1 : b + 1].sum() / found.rows.sum()
        if share >= config.min_middle_share:
            cuts = intervals(found, (int(a), int(b)), config, rng)
            first, second = cuts
            apart = first.high < second.low if found.low_is_risk else first.low > second.high
            if apart:
                return cuts, p
    return intervals(found, (at,), config, rng), p


def _bic_gap(found: Counts, best: float, *, parameters: int) -> float:
    """BIC of the steps less BIC of the curve; the number of events stands for the size (as in survival models)."""
    if len(found.rows) <= FEW_BINS:
        return math.nan
    curve = best_curve(found)
    if not falls(curve, low_is_risk=found.low_is_risk):
        return math.nan
    size = math.log(max(2, int(found.events.sum())))
    return (-2 * best + parameters * size) - (-2 * float(curve.likelihood[0]) + 2 * size)


def _gradual(
    found: Counts, gap: float, second_p: float, config: Config, rng: np.random.Generator
) -> Shape:
    curve = best_curve(found)
    lines: list[PolicyLine | None] = []
    low, high = found.grid.middle
    for times in (config.risk_high, config.risk_low):
        line = policy_line(found, curve, times, config, rng)
        lines.append(line if low <= line.value <= high else None)
    return Shape("gradual", policy=(lines[0], lines[1]), bic_gap=gap, second_p=second_p)
