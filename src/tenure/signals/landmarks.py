"""The days on which accounts are looked at: far enough apart that no outcome counts twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SLACK_DAYS = 3
"""Quarters of a calendar differ in length by so much."""
ROWS_A_DAY = 10
"""From so many rows per distinct day on a table has landmarks; below, its dates are scattered."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Which rows are kept, and their strata in order of time (codes of `strata`; -1 where not kept)."""

    kept: NDArray[np.bool_]
    stratum: NDArray[np.int64]
    strata: tuple[str, ...]


def placed(
    account: list[str],
    days: NDArray[np.datetime64],
    usable: NDArray[np.bool_],
    horizon_days: int,
) -> Placed:
    """Landmarks a horizon apart, counted back from the latest; scattered dates by calendar quarter.

    With scattered dates each account keeps its first row and every later one a horizon after the one before.
    """
    gap = np.timedelta64(max(1, horizon_days - SLACK_DAYS), "D")
    distinct = np.unique(days[usable])
    if len(distinct) and usable.sum() >= ROWS_A_DAY * len(distinct):
        marks = [distinct[-1]]
        for day in distinct[-2::-1]:
            if marks[-1] - day >= gap:
                marks.append(day)
        kept = usable & np.isin(days, np.array(marks))
        names = days.astype("datetime64[D]").astype(str)
    else:
        kept = _apart(account, days, usable, gap)
        names = _quarters(days)
    strata = sorted({str(name) for name in names[kept]})
    code = {name: at for at, name in enumerate(strata)}
    stratum = np.array([code.get(str(n), -1) for n in names], dtype=np.int64)
    return Placed(kept, np.where(kept, stratum, -1), tuple(strata))


def _apart(
    account: list[str],
    days: NDArray[np.datetime64],
    usable: NDArray[np.bool_],
    gap: np.timedelta64,
) -> NDArray[np.bool_]:
    kept = np.zeros(len(days), dtype=bool)
    last: dict[str, np.datetime64] = {}
    for row in np.argsort(days, kind="stable"):
        name = account[row]
        if usable[row] and (name not in last or days[row] - last[name] >= gap):
            kept[row], last[name] = True, days[row]
    return kept


def _quarters(days: NDArray[np.datetime64]) -> NDArray[np.str_]:
    months = days.astype("datetime64[M]").astype(np.int64)
    year, quarter = 1970 + months // 12, months % 12 // 3 + 1
    return np.array([f"{y:04d}-Q{q}" for y, q in zip(year, quarter, strict=True)])
