"""Risk that rises smoothly: a logistic curve over the bins, and where it reaches a multiple of the base rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tenure.signals.thresholds.bins import Counts, Floats
from tenure.signals.thresholds.config import Config

RIDGE = 1e-3
"""On the standardized slope: keeps a curve finite where the bins separate perfectly."""
STEPS = 30


@dataclass(frozen=True, slots=True)
class Scale:
    """Bin centers as the curve sees them: raw or log(1 + x), standardized by rows."""

    z: Floats
    mean: float
    deviation: float
    log: bool

    def back(self, z: Floats) -> Floats:
        """Values in the metric's own unit."""
        x = self.mean + self.deviation * z
        return np.expm1(x) if self.log else x


@dataclass(frozen=True, slots=True)
class Curve:
    """Intercept, slope and likelihood per data set, on one scale."""

    scale: Scale
    intercept: Floats
    slope: Floats
    likelihood: Floats

    def reaches(self, risk: Floats) -> Floats:
        """The value at which the fitted risk is `risk`, per data set."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            z = (np.log(risk / (1 - risk)) - self.intercept) / self.slope
            return self.scale.back(z)


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """Where the curve reaches the wanted risk, with the 95 % limits over redrawn bins."""

    value: float
    low: float
    high: float


def scales(found: Counts) -> list[Scale]:
    """The raw scale and, where nothing is negative, the logarithm of one more."""
    centers, weights = found.centers(), found.rows / found.rows.sum()
    logs = [False, True] if found.grid.low >= 0 else [False]
    made = []
    for log in logs:
        x = np.log1p(centers) if log else centers
        mean = float((weights * x).sum())
        deviation = math.sqrt(float((weights * (x - mean) ** 2).sum())) or 1.0
        made.append(Scale((x - mean) / deviation, mean, deviation, log))
    return made


def fitted(events: Floats, rows: Floats, scale: Scale) -> Curve:
    """The curve of every data set; both arrays have one row per data set and one column per bin."""
    share = np.clip(events.sum(axis=1) / np.maximum(rows.sum(axis=1), 1), 1e-4, 1 - 1e-4)
    a, b, z = np.log(share / (1 - share)), np.zeros(len(events)), scale.z
    for _ in range(STEPS):
        risk = _risk(a, b, z)
        rest, weight = events - rows * risk, rows * risk * (1 - risk)
        g0, g1 = rest.sum(axis=1), rest @ z - RIDGE * b
        h00, h01, h11 = weight.sum(axis=1) + 1e-9, weight @ z, weight @ z**2 + RIDGE
        size = h00 * h11 - h01**2
        size = np.where(size > 1e-12, size, 1.0)
        da, db = (h11 * g0 - h01 * g1) / size, (h00 * g1 - h01 * g0) / size
        # Newton's step can jump out of a flat region; a bounded one always comes back.
        step = np.minimum(1.0, 2.0 / np.maximum(np.abs(da) + np.abs(db), 1e-12))
        a, b = a + step * da, b + step * db
        if np.max(np.abs(da) + np.abs(db)) < 1e-8:
            break
    risk = np.clip(_risk(a, b, z), 1e-12, 1 - 1e-12)
    return Curve(
        scale, a, b, (events * np.log(risk) + (rows - events) * np.log(1 - risk)).sum(axis=1)
    )


def _risk(a: Floats, b: Floats, z: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(a[:, None] + b[:, None] * z, -30, 30)))


def best_curve(found: Counts) -> Curve:
    """The curve of the likelier scale."""
    events, rows = found.events[None, :].astype(float), found.rows[None, :].astype(float)
    curves = [fitted(events, rows, scale) for scale in scales(found)]
    return max(curves, key=lambda curve: float(curve.likelihood[0]))


def falls(curve: Curve, *, low_is_risk: bool) -> bool:
    """Whether the curve rises toward the side on which the risk was found."""
    return bool((curve.slope[0] < 0) == low_is_risk)


def target(base: Floats, times: float) -> Floats:
    """A risk `times` the base rate; odds instead of risk where the base is above a third."""
    safe = np.clip(base, 1e-9, 1 - 1e-9)
    odds = times * safe / (1 - safe)
    return np.clip(np.where(safe > 1 / 3, odds / (1 + odds), times * safe), 1e-4, 0.95)


def policy_line(
    found: Counts, curve: Curve, times: float, config: Config, rng: np.random.Generator
) -> PolicyLine:
    """Where risk is `times` the base rate; limits from Poisson draws of the events and of the others per bin."""
    value = float(curve.reaches(target(np.array([found.base]), times))[0])
    shape = (config.bootstrap_cut, len(found.rows))
    events = rng.poisson(found.events, size=shape).astype(float)
    rows = events + rng.poisson(found.rows - found.events, size=shape).astype(float)
    wanted = target(events.sum(axis=1) / np.maximum(rows.sum(axis=1), 1), times)
    # Which scale was the likelier one was itself a draw of chance: choosing anew covers .94 instead of .88.
    curves = [fitted(events, rows, scale) for scale in scales(found)]
    best = np.argmax([one.likelihood for one in curves], axis=0)[None, :]
    lines = np.take_along_axis(np.array([one.reaches(wanted) for one in curves]), best, 0)[0]
    slopes = np.take_along_axis(np.array([one.slope for one in curves]), best, 0)[0]
    kept = lines[np.isfinite(lines) & ((slopes < 0) == (curve.slope[0] < 0))]
    if not len(kept):
        return PolicyLine(value, found.grid.low, found.grid.high)
    low, high = np.quantile(kept, [0.025, 0.975])
    return PolicyLine(value, float(min(low, value)), float(max(high, value)))
