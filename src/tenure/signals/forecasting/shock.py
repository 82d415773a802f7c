"""How much quarters differ beyond chance: the posterior of the spread of a period's common shock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from tenure.signals.health_score.fit import logit
from tenure.signals.health_score.inputs import Floats

GRID = np.arange(33) * 0.025
"""Spreads of the shock in log-odds, 0 to 0.8."""
MEDIAN, LOG_SD = 0.25, 0.6
AT_ZERO = 0.0125
"""Where the log-normal prior is read for the point 0."""
NODES = 40


@dataclass(frozen=True, slots=True)
class Past:
    """One past period: each account's probability as told then, and 1 where it left, else 0."""

    p: Floats
    y: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """The posterior over `GRID`, and how many past periods speak in it."""

    weights: Floats
    periods: int

    @property
    def mean(self) -> float:
        """Posterior mean."""
        return float(self.weights @ GRID)

    def quantile(self, q: float) -> float:
        """The first point of the grid at or above which a share `q` of the posterior lies below."""
        return float(GRID[np.searchsorted(np.cumsum(self.weights), q - 1e-12)])

    def draw(self, draws: np.random.Generator, count: int) -> Floats:
        """Spreads drawn from the posterior."""
        return np.asarray(GRID[draws.choice(len(GRID), size=count, p=self.weights)])

    def to_dict(self) -> dict[str, Any]:
        """Mean, the middle 80 %, periods."""
        return {
            "mean": self.mean,
            "low": self.quantile(0.1),
            "high": self.quantile(0.9),
            "periods": self.periods,
        }


def prior() -> Floats:
    """The log-normal prior with median .25 and log-sd .6 on the grid, summing to 1."""
    at = np.maximum(GRID, AT_ZERO)
    density = np.exp(-0.5 * (np.log(at / MEDIAN) / LOG_SD) ** 2) / at
    return np.asarray(density / density.sum())


@cache
def _hermite() -> tuple[Floats, Floats]:
    at, weight = np.polynomial.hermite.hermgauss(NODES)
    return np.sqrt(2) * at, weight / np.sqrt(np.pi)


def log_likelihood(past: Past) -> Floats:
    """Log-likelihood of a period's outcomes at every point of the grid.

    The outcomes are independent given a shock u added to every account's log-odds; u ~ Normal(0, tau) is integrated
    out by Gauss-Hermite quadrature with 40 nodes.
    """
    at, weight = _hermite()
    u = GRID[:, None] * at[None, :]
    shocks, place = np.unique(u, return_inverse=True)
    eta = logit(past.p)
    told = past.y.sum() * shocks + past.y @ eta
    for some in np.array_split(np.arange(len(eta)), max(1, len(eta) * len(shocks) // 2_000_000)):
        told = told - np.log1p(np.exp(eta[some][None, :] + shocks[:, None])).sum(axis=1)
    told = told[place].reshape(u.shape)
    top = told.max(axis=1, keepdims=True)
    return np.asarray(top[:, 0] + np.log(np.exp(told - top) @ weight))


def spread(periods: Sequence[Past]) -> Spread:
    """The posterior of the spread after these periods; the prior without one."""
    log = np.log(prior()) + sum((log_likelihood(one) for one in periods), np.zeros(len(GRID)))
    weights = np.exp(log - log.max())
    return Spread(weights / weights.sum(), len(periods))
