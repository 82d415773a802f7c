"""A small logistic fit for adjustment: words as columns of their own, numbers on one scale, a mild ridge.

Not for prediction of accounts (that is the health score's model): it answers what an account like this one would
have been expected to do, or how likely it was to be covered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RIDGE = 1.0
"""Precision of the normal prior on each slope; the intercept is free. Keeps rare words finite."""
ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Design:
    """The columns of a fit and its rows, without the intercept."""

    names: tuple[str, ...]
    x: Floats


def design(words: Mapping[str, Sequence[str]], numbers: Mapping[str, Floats]) -> Design:
    """Columns for a fit: one per word but the commonest, numbers in standard deviations with their gaps marked."""
    names: list[str] = []
    columns: list[Floats] = []
    for name, values in words.items():
        column = np.asarray(values, dtype=str)
        found, counts = np.unique(column, return_counts=True)
        for word in np.delete(found, int(np.argmax(counts))):
            names.append(f"{name}={word}")
            columns.append((column == word).astype(float))
    for name, amounts in numbers.items():
        missing = np.isnan(amounts)
        known = amounts[~missing]
        spread = float(known.std()) if len(known) else 0.0
        if spread > 0:
            names.append(name)
            columns.append(np.where(missing, 0.0, (amounts - known.mean()) / spread))
        if missing.any() and not missing.all():
            names.append(f"{name} unknown")
            columns.append(missing.astype(float))
    rows = max([*map(len, words.values()), *map(len, numbers.values())], default=0)
    x = np.column_stack(columns) if columns else np.empty((rows, 0))
    return Design(tuple(names), x)


def fitted(x: Floats, y: Floats, *, weights: Floats | None = None) -> Floats:
    """Intercept and slopes that maximise the penalised likelihood (Newton's method, halved where it overshoots)."""
    full = np.column_stack([np.ones(len(x)), x])
    w = np.ones(len(y)) if weights is None else weights
    penalty = np.full(full.shape[1], RIDGE)
    penalty[0] = 1e-9
    beta = np.zeros(full.shape[1])

    def value(b: Floats) -> float:
        eta = full @ b
        return float((w * (y * eta - np.logaddexp(0.0, eta))).sum() - (penalty * b * b).sum() / 2)

    best = value(beta)
    for _ in range(ROUNDS):
        p = probabilities(x, beta)
        slope = full.T @ (w * (y - p)) - penalty * beta
        curve = (full * (w * p * (1 - p))[:, None]).T @ full + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        while (now := value(beta + step)) < best - 1e-9 and np.abs(step).max() > 1e-10:
            step = step / 2
        beta, best = beta + step, now
        if np.abs(step).max() < 1e-9:
            break
    return beta


def probabilities(x: Floats, beta: Floats) -> Floats:
    """What the fit expects of each row."""
    eta = np.clip(beta[0] + x @ beta[1:], -35, 35)
    return np.asarray(1 / (1 + np.exp(-eta)), dtype=float)
