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
    """Landmarks a horizon apart, those that hold most rows; scattered dates by calendar quarter.

    With scattered dates each account keeps its first row and every later one a horizon after the one before.
    """
    gap = np.timedelta64(max(1, horizon_days - SLACK_DAYS), "D")
    distinct = np.unique(days[usable])
    if len(distinct) and usable.sum() >= ROWS_A_DAY * len(distinct):
        kept = usable & np.isin(days, _fullest(distinct, days[usable], gap))
        names = days.astype("datetime64[D]").astype(str)
    else:
        kept = _apart(account, days, usable, gap)
        names = _quarters(days)
    strata = sorted({str(name) for name in names[kept]})
    code = {name: at for at, name in enumerate(strata)}
    stratum = np.array([code.get(str(n), -1) for n in names], dtype=np.int64)
    return Placed(kept, np.where(kept, stratum, -1), tuple(strata))


def grouped(words: list[str], days: NDArray[np.datetime64], usable: NDArray[np.bool_]) -> Placed:
    """Every usable row in the stratum it names, the strata in the order of their first day."""
    first: dict[str, np.datetime64] = {}
    for row in np.flatnonzero(usable):
        word = words[row]
        first[word] = min(first.get(word, days[row]), days[row])
    strata = sorted(first, key=lambda word: (first[word], word))
    code = {name: at for at, name in enumerate(strata)}
    stratum = np.array([code.get(word, -1) for word in words], dtype=np.int64)
    return Placed(usable, np.where(usable, stratum, -1), tuple(strata))


def _fullest(
    distinct: NDArray[np.datetime64], days: NDArray[np.datetime64], gap: np.timedelta64
) -> NDArray[np.datetime64]:
    """The days a gap apart that hold most rows together, the later ones where two choices hold as many."""
    rows = np.bincount(np.searchsorted(distinct, days), minlength=len(distinct))
    # before[i]: how many of the days lie a gap or more before day i.
    before = np.searchsorted(distinct, distinct - gap, side="right")
    most = [0]
    for place in range(len(distinct)):
        most.append(max(most[-1], int(rows[place]) + most[before[place]]))
    chosen, place = [], len(distinct)
    while place > 0:
        with_it = int(rows[place - 1]) + most[before[place - 1]]
        if with_it >= most[place - 1]:
            chosen.append(distinct[place - 1])
            place = int(before[place - 1])
        else:
            place -= 1
    return np.array(chosen)


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
