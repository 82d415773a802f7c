"""Bring a model's probabilities back to what came true: as much as the new events carry, and no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tenure.signals.health_score.fit import expit, logit
from tenure.signals.health_score.inputs import Floats

SLOPE_FROM, STEPS_FROM = 50, 200
INTERCEPT_FROM = 10
"""New events below which nothing is moved: the shift would be noise."""
ENDS = 1e-4
"""A step of only events or none says 'almost', not 'certainly'."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How old probabilities become new ones: nothing, a shift in log-odds, shift and slope, or steps."""

    kind: Literal["none", "intercept", "slope", "isotonic"]
    a: float = 0.0
    b: float = 1.0
    at: tuple[float, ...] = ()
    to: tuple[float, ...] = ()

    def apply(self, p: Floats) -> Floats:
        """The new probabilities; between two steps on a straight line."""
        if self.kind == "isotonic":
            return np.interp(p, self.at, self.to)
        return expit(self.a + self.b * logit(p))


def line(p: Floats, y: Floats, *, slope: bool, weight: Floats | None = None) -> tuple[float, float]:
    """Intercept and slope of the outcomes on the log-odds, by Newton; slope 1 where it is held.

    A penalty of a ten-thousandth keeps the answer finite where events and others are parted completely.
    """
    eta = logit(p)
    x = np.column_stack([np.ones(len(p)), eta]) if slope else np.ones((len(p), 1))
    offset = np.zeros(len(p)) if slope else eta
    w = np.ones(len(p)) if weight is None else weight
    beta = np.array([0.0, 1.0])[: x.shape[1]]
    for _ in range(50):
        q = expit(offset + x @ beta)
        step = np.linalg.solve(
            (x * (w * q * (1 - q))[:, None]).T @ x + 1e-4 * np.eye(len(beta)),
            x.T @ (w * (y - q)) - 1e-4 * (beta - np.array([0.0, 1.0])[: len(beta)]),
        )
        step = np.clip(step, -2, 2)
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            break
    return float(beta[0]), float(beta[1]) if slope else 1.0


def recalibrate(p: Floats, y: Floats) -> Calibration:
    """The calibration that so many new events carry.

    Below 10 events none; then the intercept; from 50 intercept and slope; from 200 isotonic steps. The choice is by
    count alone, so that it cannot be shopped for.
    """
    events = int(y.sum())
    if events < INTERCEPT_FROM or events == len(y):
        return Calibration("none")
    if events >= STEPS_FROM:
        from scipy.optimize import isotonic_regression

        order = np.argsort(p, kind="stable")
        fitted = np.clip(isotonic_regression(y[order]).x, ENDS, 1 - ENDS)
        at, first = np.unique(p[order], return_index=True)
        total = np.add.reduceat(fitted, first) / np.diff([*first, len(p)])
        return Calibration("isotonic", at=tuple(at.tolist()), to=tuple(total.tolist()))
    a, b = line(p, y, slope=events >= SLOPE_FROM)
    return Calibration("slope" if events >= SLOPE_FROM else "intercept", a, b)
