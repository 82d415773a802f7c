"""Metrics so alike that the choice between them is arbitrary: shown as one group with one member recommended."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tenure.signals.thresholds.bins import Floats, Grid


def twins(
    grids: dict[str, Grid], strength: dict[str, float], least: float
) -> dict[str, tuple[str, ...]]:
    """Per metric its group, the recommended one first; metrics without a twin are left out.

    Args:
        grids: the metrics' bins, on the same rows.
        strength: their AUC; the largest of a group is recommended.
        least: rank correlation from which two are twins.
    """
    names = sorted(grids, key=lambda name: (-strength[name], name))
    leader: dict[str, str] = {}
    for place, name in enumerate(names):
        near = [
            other
            for other in names[:place]
            if leader[other] == other and abs(correlation(grids[name], grids[other])) > least
        ]
        leader[name] = near[0] if near else name
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        group = tuple(other for other in names if leader[other] == leader[name])
        if len(group) > 1:
            found[name] = group
    return found


def correlation(a: Grid, b: Grid) -> float:
    """Correlation of the ranks of the bins, where both values are known; 0 where nothing varies."""
    both = (a.bin >= 0) & (b.bin >= 0)
    if both.sum() < 3:
        return 0.0
    x, y = _ranks(a, both), _ranks(b, both)
    x, y = x - x.mean(), y - y.mean()
    size = float(np.sqrt((x**2).sum() * (y**2).sum()))
    return float((x * y).sum() / size) if size > 0 else 0.0


def _ranks(of: Grid, rows: NDArray[np.bool_]) -> Floats:
    count = np.bincount(of.bin[rows], minlength=of.bins)
    return np.asarray((np.cumsum(count) - count / 2)[of.bin[rows]], dtype=float)
