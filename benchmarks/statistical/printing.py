"""Tables for people and for RESULTS.md."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def share(values: Sequence[bool] | Sequence[float]) -> str:
    """The mean of some yes and no, `.95`; `–` without any."""
    return f"{np.mean(values):.2f}" if len(values) else "–"


def met(observed: float, target: float, runs: int) -> bool:
    """A share meets its target within two standard errors."""
    return observed >= target - 2 * math.sqrt(target * (1 - target) / max(runs, 1)) - 1e-9


def beside(values: Sequence[bool] | Sequence[float], target: float) -> str:
    """A measured share with its target in brackets, marked where it falls short."""
    if not len(values):
        return f"– ({target:.2f})"
    observed = float(np.mean(values))
    mark = "" if met(observed, target, len(values)) else " **short**"
    return f"{observed:.2f} ({target:.2f}){mark}"


def middle(values: Sequence[float], digits: int = 1) -> str:
    """Median [10 % to 90 %]."""
    if not len(values):
        return "–"
    low, half, high = np.quantile(values, [0.1, 0.5, 0.9])
    return f"{half:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
