"""How many rows a model of so many columns asks for."""

from __future__ import annotations

import math


def riley(columns: int, share: float, *, shrinkage: float = 0.9) -> int:
    """Rows that keep over-fitting small: the expected shrinkage stays at least `shrinkage`.

    Args:
        columns: candidate columns.
        share: share of rows with the event, between 0 and 1.
        shrinkage: wanted calibration slope.

    Source: Riley et al., Statistics in Medicine, doi 10.1002/sim.7992, criterion 1, with R2 taken as 15 % of the
    largest Cox-Snell R2 that the share allows.
    """
    largest = 1 - (share**share * (1 - share) ** (1 - share)) ** 2
    r2 = 0.15 * largest
    return math.ceil(columns / ((shrinkage - 1) * math.log(1 - r2 / shrinkage)))
