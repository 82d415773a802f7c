"""Non-negative logistic regression with an L1 and a light L2 penalty, and the choice of its strength.

Minimised is the sum of ln(1 + e^eta) - y eta, plus lambda times the sum of the weights, plus half the sum of their
squares; weights lie between 0 and 3, the intercept is free. As no weight is negative the L1 term is linear, so value,
gradient and curvature are exact everywhere and Newton's method within bounds applies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenure.signals.health_score.inputs import Floats

HEAVIEST = 3.0
"""Largest weight of a column: log-odds per standard deviation."""
FOLDS = 5
IN_FOLDS = 0.8
"""A fold's training rows are four fifths; the loss is a sum, so the penalty shrinks alike."""
NEVER_CERTAIN = 1e-9
STEPS, SWEEPS = 100, 500
NEAR, SMALLEST_MOVE = 1e-11, 1e-10


def expit(eta: Floats) -> Floats:
    """1/(1 + e^-eta) without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * eta)))


def logit(p: Floats) -> Floats:
    """ln(p/(1 - p)), with p kept a little inside 0 and 1."""
    held = np.clip(p, NEVER_CERTAIN, 1 - NEVER_CERTAIN)
    return np.asarray(np.log(held / (1 - held)))


def log_loss(eta: Floats, y: Floats) -> float:
    """The sum of ln(1 + e^eta) - y eta."""
    return float(np.logaddexp(0.0, eta).sum() - y @ eta)


def penalised(beta: Floats, x: Floats, y: Floats, lam: float) -> tuple[float, Floats]:
    """What is minimised, and its gradient; `beta` begins with the intercept, which carries no penalty."""
    weights = beta[1:]
    eta = beta[0] + x @ weights
    value = log_loss(eta, y) + lam * float(weights.sum()) + 0.5 * float(weights @ weights)
    residual = expit(eta) - y
    slope = np.empty_like(beta)
    slope[0] = residual.sum()
    slope[1:] = x.T @ residual + lam + weights
    return value, slope


def fit(x: Floats, y: Floats, lam: float, pinned: Sequence[float | None] = ()) -> Floats:
    """The intercept and the weights.

    Newton steps, each the minimum of the quadratic model within the bounds, shortened where it does not lower the
    loss enough (Armijo). The loss is convex, so this is its only minimum; scipy's L-BFGS-B is the referee in the
    tests.

    Args:
        x: one row per account and date, one column per input.
        y: 1 where the event came, else 0; both must occur.
        lam: strength of the L1 penalty.
        pinned: per column a weight that a person fixed, or None.
    """
    held = list(pinned) or [None] * x.shape[1]
    low = np.array([-np.inf, *(0.0 if w is None else w for w in held)])
    high = np.array([np.inf, *(HEAVIEST if w is None else w for w in held)])
    beta = np.array([logit(np.array([y.mean()]))[0], *(0.0 if w is None else w for w in held)])
    value, slope = penalised(beta, x, y, lam)
    for _ in range(STEPS):
        step = _within(_bend(beta, x), slope, low - beta, high - beta)
        gain = float(slope @ step)
        if gain > -NEAR * (1 + abs(value)):
            break
        length = 1.0
        while length > NEAR:
            new_value, new_slope = penalised(beta + length * step, x, y, lam)
            if new_value <= value + 1e-4 * length * gain:
                break
            length /= 2
        else:
            break
        beta, value, slope = np.clip(beta + length * step, low, high), new_value, new_slope
    return np.asarray(beta)


def _bend(beta: Floats, x: Floats) -> Floats:
    """Second derivatives of what is minimised."""
    q = expit(beta[0] + x @ beta[1:])
    w = np.maximum(q * (1 - q), NEVER_CERTAIN)
    bend = np.empty((len(beta), len(beta)))
    bend[0, 0] = w.sum()
    bend[0, 1:] = bend[1:, 0] = w @ x
    bend[1:, 1:] = x.T @ (w[:, None] * x) + np.eye(len(beta) - 1)
    return bend


def _within(bend: Floats, slope: Floats, low: Floats, high: Floats) -> Floats:
    """The step between `low` and `high` that minimises slope·d + d·bend·d/2, one coordinate after the other."""
    step, left = np.zeros(len(slope)), slope.copy()
    diagonal = np.diag(bend).tolist()
    lows, highs = low.tolist(), high.tolist()
    for _ in range(SWEEPS):
        moved = 0.0
        for j, curve in enumerate(diagonal):
            old = float(step[j])
            new = min(max(old - float(left[j]) / curve, lows[j]), highs[j])
            if new != old:
                step[j] = new
                left += bend[j] * (new - old)
                moved = max(moved, abs(new - old))
        if moved < SMALLEST_MOVE:
            break
    return step


@dataclass(frozen=True, slots=True)
class Strength:
    """The chosen penalty, and the mean log-loss on rows held out for each one tried."""

    lam: float
    losses: dict[float, float]


def folds(
    groups: Sequence[str], y: Floats, draws: np.random.Generator, k: int = FOLDS
) -> NDArray[np.int64]:
    """The fold of every row: an account's rows stay together, accounts with an event are spread evenly."""
    names, place = np.unique(np.asarray(groups), return_inverse=True)
    had = np.bincount(place, weights=y, minlength=len(names)) > 0
    fold = np.empty(len(names), dtype=np.int64)
    start = 0
    for some in (had, ~had):
        who = draws.permutation(np.flatnonzero(some))
        fold[who] = (start + np.arange(len(who))) % k
        start += len(who)
    return np.asarray(fold[place])


def held_out_loss(
    x: Floats, y: Floats, fold: NDArray[np.int64], lam: float, pinned: Sequence[float | None] = ()
) -> float:
    """Mean log-loss per row when every fold is told by a fit on the others."""
    total = 0.0
    for number in np.unique(fold):
        out = fold == number
        beta = fit(x[~out], y[~out], lam * IN_FOLDS, pinned)
        total += log_loss(beta[0] + x[out] @ beta[1:], y[out])
    return total / len(y)


def choose_strength(
    x: Floats,
    y: Floats,
    fold: NDArray[np.int64],
    lambdas: Sequence[float],
    pinned: Sequence[float | None] = (),
) -> Strength:
    """The penalty with the smallest loss on rows held out; of equals the stronger."""
    losses = {lam: held_out_loss(x, y, fold, lam, pinned) for lam in lambdas}
    return Strength(min(losses, key=lambda lam: (losses[lam], -lam)), losses)
