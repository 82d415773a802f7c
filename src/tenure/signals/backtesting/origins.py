"""Where a back-test stands: past days from which the score is told, with only outcomes that were known by then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenure.signals.health_score.inputs import Floats

APART_DAYS = 85
"""Origins are a quarter apart; the shortest quarter and its neighbours' month ends differ by a few days."""
TRAINING_LANDMARKS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """One origin: the rows to learn from (their horizon ended by this day) and the rows told."""

    day: np.datetime64
    training: NDArray[np.bool_]
    told: NDArray[np.bool_]


def origins(days: NDArray[np.datetime64], y: Floats, horizon_days: int) -> list[Origin]:
    """Every origin with at least four landmarks of training behind the embargo, and both outcomes among those told.

    Args:
        days: the landmark of every row.
        y: outcomes, NaN where not known yet; such rows are nowhere.
        horizon_days: how long after its landmark a row's outcome is known. A row may teach at an origin only if
            its landmark plus the horizon is not after it.
    """
    known = ~np.isnan(y)
    found: list[Origin] = []
    for day in np.unique(days[known]):
        if found and (day - found[-1].day) / np.timedelta64(1, "D") < APART_DAYS:
            continue
        training = known & (days + np.timedelta64(horizon_days, "D") <= day)
        told = known & (days == day)
        both = 0 < y[told].sum() < told.sum() and 0 < y[training].sum() < training.sum()
        if both and len(np.unique(days[training])) >= TRAINING_LANDMARKS:
            found.append(Origin(day, training, told))
    return found
