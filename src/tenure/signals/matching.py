"""Accounts that left beside accounts that had not left in the same week: incidence-density sampling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tenure.signals.weekly import NEVER, Ints

CONTROLS: Final = 5


@dataclass(frozen=True, slots=True)
class Matched:
    """One entry per case: its row, its week, and the rows of its controls (-1: there were fewer)."""

    cases: Ints
    weeks: Ints
    controls: Ints

    def __len__(self) -> int:
        return len(self.cases)


def matched(
    since: Ints, exits: Ints, *, weeks: int, clear: int, draw: np.random.Generator
) -> Matched:
    """Up to five controls per account that left: seen by the case's week, not leaving within `clear` weeks after it.

    Cases without any control are left out. In the last `clear` weeks of a table a control may leave after its end
    and nobody knows: that makes groups more alike, never less.

    Args:
        since: the week of each account's first reading.
        exits: the week of each account's exit; NEVER for none.
        weeks: how many weeks the table has; an exit in the week after it can still be a case.
        clear: weeks.
        draw: the run's own stream.

    Source: incidence-density sampling, Prentice & Breslow 1978.
    """
    cases, at, controls = [], [], []
    for case in np.flatnonzero((exits < NEVER) & (since < exits) & (exits <= weeks)):
        week = exits[case]
        others = np.flatnonzero((since <= week) & (exits > week + clear))
        if not len(others):
            continue
        chosen = others
        if len(others) > CONTROLS:
            chosen = draw.choice(others, CONTROLS, replace=False)
        cases.append(case)
        at.append(week)
        controls.append(np.pad(chosen, (0, CONTROLS - len(chosen)), constant_values=-1))
    return Matched(
        np.array(cases, dtype=np.intp),
        np.array(at, dtype=np.intp),
        np.array(controls, dtype=np.intp).reshape(-1, CONTROLS),
    )


def looked_up(values: NDArray[np.float64], rows: Ints, weeks: Ints) -> NDArray[np.float64]:
    """Values at rows and weeks; NaN where there is no such row (-1) or week."""
    inside = (rows >= 0) & (weeks >= 0) & (weeks < values.shape[1])
    return np.where(inside, values[np.where(inside, rows, 0), np.where(inside, weeks, 0)], np.nan)
