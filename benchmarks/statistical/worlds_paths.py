"""Worlds with a known truth for trajectories (W9) and lead time (W10). They import nothing that they judge."""

from __future__ import annotations

import numpy as np

KINDS = ("declining", "step down", "rising", "spiking", "volatile", "flat", "dormant")
WEEKS, BASELINE, WINDOW = 39, 26, 13


def autocorrelated(rng: np.random.Generator, rows: int, weeks: int, rho: float = 0.3) -> np.ndarray:
    """Noise of standard deviation 1 whose neighbours correlate."""
    shocks = rng.normal(size=(rows, weeks))
    found = shocks.copy()
    for week in range(1, weeks):
        found[:, week] = rho * found[:, week - 1] + np.sqrt(1 - rho**2) * shocks[:, week]
    return found


def w9(number: int, kind: str, noise: float, rows: int = 1500) -> np.ndarray:
    """Accounts whose last 13 of 39 weeks follow one pattern: level × pattern × (1 + noise), 5 % missing."""
    rng = np.random.default_rng(number)
    level = np.exp(rng.normal(4, 0.6, (rows, 1)))
    shape = np.ones((rows, WEEKS))
    t = np.arange(WINDOW) / (WINDOW - 1)
    if kind == "declining":
        shape[:, BASELINE:] -= rng.uniform(0.35, 0.80, (rows, 1)) * t
    elif kind == "rising":
        shape[:, BASELINE:] += rng.uniform(0.40, 1.00, (rows, 1)) * t
    elif kind == "step down":
        start = rng.integers(3, 9, (rows, 1))
        fallen = np.arange(WINDOW) >= start
        shape[:, BASELINE:] -= np.where(fallen, rng.uniform(0.35, 0.70, (rows, 1)), 0)
    elif kind == "spiking":
        for row in range(rows):
            weeks = rng.choice(WINDOW - 2, rng.integers(1, 3), replace=False)
            shape[row, BASELINE + weeks] += rng.uniform(1.0, 2.5, len(weeks))
    sizes = np.full(WEEKS, noise)
    if kind == "volatile":
        sizes[BASELINE:] *= 4.5
    values = np.maximum(level * shape * (1 + sizes * autocorrelated(rng, rows, WEEKS)), 0)
    if kind == "dormant":
        values[:, BASELINE:] = 0
    values[rng.random(values.shape) < 0.05] = np.nan
    return values


def w10(
    number: int,
    onset_days: int | None,
    churns: int,
    *,
    accounts: int = 800,
    weeks: int = 104,
    fall_weeks: int = 3,
    depth: float = 0.55,
) -> tuple[np.ndarray, np.ndarray]:
    """Values (accounts × weeks, NaN from the exit on) and exit weeks; no onset: leaving accounts look like others."""
    rng = np.random.default_rng(number)
    level = rng.normal(60, 12, (accounts, 1))
    shape = np.ones((accounts, weeks))
    exits = np.full(accounts, 10**6)
    gone = rng.choice(accounts, churns, replace=False)
    exits[gone] = rng.integers(30, weeks, churns)
    week = np.arange(weeks)
    if onset_days is not None:
        for row in gone:
            start = exits[row] - onset_days // 7 + rng.integers(-1, 2)
            shape[row] -= depth * np.clip((week - start + 1) / fall_weeks, 0, 1)
    values = np.maximum(level * shape * (1 + 0.25 * autocorrelated(rng, accounts, weeks)), 0)
    values[week >= exits[:, None]] = np.nan
    return values, exits
