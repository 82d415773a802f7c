"""Tables of daily use for tests: made of an array, or drawn by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

FIRST = date(2025, 1, 6)  # a Monday


def table(values: np.ndarray, first: date = FIRST) -> dict[str, list[Any]]:
    """A row per account and known day: `account_id`, `day`, `used`. Accounts are A000, A001, …"""
    rows, days = np.nonzero(~np.isnan(values))
    return {
        "account_id": [f"A{row:03}" for row in rows.tolist()],
        "day": [first + timedelta(days=day) for day in days.tolist()],
        "used": values[rows, days].tolist(),
    }


NAMES = {"account": "account_id", "day": "day", "used": "used"}


def week_like(
    weeks: int, *, level: float = 10.0, noise: float = 0.0, number: int = 1
) -> np.ndarray:
    """One account: weekdays of `level`, weekends of a fifth of it, normal noise on the logarithm."""
    rng = np.random.default_rng(number)
    shape = np.tile([1, 1, 1, 1, 1, 0.2, 0.2], weeks)
    return np.asarray(level * shape * np.exp(noise * rng.normal(size=len(shape))))[None, :]
