"""Non-negative logistic regression with an L1 and a light L2 penalty, and the choice of its strength.

Minimised is the sum of ln(1 + e^eta) - y eta, plus lambda times the sum of the weights, plus half the sum of their
squares; weights lie between 0 and 3, the intercept is free. As no weight is negative the L1 term is linear, so the
gradient is exact everywhere and a bounded quasi-Newton method (L-BFGS-B) applies.
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

    Args:
        x: one row per account and date, one column per input.
        y: 1 where the event came, else 0; both must occur.
        lam: strength of the L1 penalty.
        pinned: per column a weight that a person fixed, or None.
    """
    from scipy.optimize import minimize

    held = list(pinned) or [None] * x.shape[1]
    bounds: list[tuple[float | None, float | None]] = [(None, None)]
    bounds += [(0.0, HEAVIEST) if w is None else (w, w) for w in held]
    start = np.concatenate([logit(np.array([y.mean()])), [0.0 if w is None else w for w in held]])
    done = minimize(
        penalised,
        start,
        args=(x, y, lam),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 500, "ftol": 1e-11, "gtol": 1e-6},
    )
    return np.asarray(done.x, dtype=float)


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
