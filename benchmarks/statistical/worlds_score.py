"""W11 (health score) and W12 (renewals of a quarter): generators with known truth; they import nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

METRICS = 16


@dataclass(frozen=True)
class Score:
    """W11: rows x 16 metrics, outcomes, and the true probability of each row."""

    x: np.ndarray
    y: np.ndarray
    p: np.ndarray


def w11(stream: int, rows: int, *, part: str = "train") -> Score:
    """Sixteen normal metrics, six of which matter: steps, slopes, and one that saturates; about 14 % churn."""
    rng = np.random.default_rng([11, stream, {"train": 0, "test": 1}[part]])
    z = rng.standard_normal((rows, METRICS))
    z[:, 1] = 0.6 * z[:, 0] + 0.8 * z[:, 1]
    z[:, 2] = 0.5 * z[:, 0] + 0.87 * z[:, 2]
    eta = -3.2 + 1.2 * (z[:, 0] < -0.8) + 0.7 * (z[:, 0] < 0.2) - 0.5 * z[:, 3]
    eta += 0.9 * (z[:, 4] > 1) + 0.6 * (z[:, 1] < -0.5) - 0.3 * np.minimum(z[:, 5], 1)
    p = 1 / (1 + np.exp(-eta))
    return Score(z, (rng.random(rows) < p).astype(float), p)


TRUE_LINES = {0: (-0.8, 0.2), 1: (-0.5, None), 4: (1.0, None)}
"""Metric: at-risk line and healthy line."""
RISKIER = {0: "lower", 1: "lower", 2: "lower", 3: "lower", 4: "higher", 5: "lower"}


@dataclass(frozen=True)
class Quarter:
    """W12: one quarter of renewals: amounts, known probabilities, who churned, and the rate kept."""

    arr: np.ndarray
    p: np.ndarray
    churned: np.ndarray

    @property
    def grr(self) -> float:
        return float(self.arr[~self.churned].sum() / self.arr.sum())


def w12(stream: int, quarters: int, tau: float, *, renewals: int = 180) -> list[Quarter]:
    """Quarters with one common shock each, Normal(0, tau); the last is the one to forecast."""
    rng = np.random.default_rng([12, stream])
    made = []
    for _ in range(quarters):
        arr = np.exp(10 + 1.1 * rng.standard_normal(renewals))
        eta = rng.normal(-2.3, 1.0, renewals)
        p = 1 / (1 + np.exp(-eta))
        shocked = 1 / (1 + np.exp(-(eta + tau * rng.standard_normal())))
        made.append(Quarter(arr, p, rng.random(renewals) < shocked))
    return made
