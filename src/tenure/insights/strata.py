"""Accounts that are alike: segment, third of ARR and earlier health, and the two arms inside each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenure.signals.plain import Plain
from tenure.signals.rates import Table

UNKNOWN = "unknown"
THIRDS = ("lower", "middle", "upper")
ZONE_CUTS = (50.0, 70.0)
"""Below the first red, below the second yellow, else green: the bands of the metric `health_score`."""

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Overlap:
    """One stratum: its words by column, renewals of both arms, and how many of them renewed."""

    stratum: Mapping[str, str]
    covered: int
    covered_renewed: int
    under: int
    under_renewed: int

    @property
    def has_both(self) -> bool:
        """Whether the arms can be compared here."""
        return self.covered > 0 and self.under > 0

    @property
    def table(self) -> Table:
        """Covered renewed, covered lost, under-covered renewed, under-covered lost."""
        lost = (self.covered - self.covered_renewed, self.under - self.under_renewed)
        return (self.covered_renewed, lost[0], self.under_renewed, lost[1])

    def to_dict(self) -> dict[str, Any]:
        """Plain values, with the mark of strata that drop out."""
        return {**asdict(self), "stratum": dict(self.stratum), "has_both": self.has_both}


def thirds(amounts: Floats, among: Bools) -> list[str]:
    """Lower, middle or upper third, the cuts taken of the rows in `among`; equal amounts are in one third."""
    known = amounts[among & ~np.isnan(amounts)]
    if not len(known):
        return [UNKNOWN] * len(amounts)
    cuts = np.quantile(known, [1 / 3, 2 / 3])
    places = np.searchsorted(cuts, amounts, side="left")
    return [UNKNOWN if np.isnan(v) else THIRDS[p] for v, p in zip(amounts, places, strict=True)]


def zones(table: Plain, name: str, cuts: tuple[float, float] = ZONE_CUTS) -> list[str]:
    """Red, yellow or green of a column of scores; a column of words is taken as it is."""
    words = words_or_unknown(table, name)
    if not any(_is_number(word) for word in words):  # somebody has already drawn the zones
        return words
    scores = table.numbers(name)
    low, high = cuts
    return [
        UNKNOWN if np.isnan(s) else "red" if s < low else "yellow" if s < high else "green"
        for s in scores
    ]


def _is_number(word: str) -> bool:
    try:
        return math.isfinite(float(word))
    except ValueError:
        return False


def words_or_unknown(table: Plain, name: str) -> list[str]:
    """A column's words, `unknown` where it is empty."""
    return [word or UNKNOWN for word in table.words(name)]


def overlap(labels: Mapping[str, Sequence[str]], covered: Bools, renewed: Bools) -> list[Overlap]:
    """The table of strata, sorted by their words.

    Args:
        labels: words by column, one per row.
        covered: which rows are in the covered arm.
        renewed: which rows renewed.
    """
    counts: dict[tuple[str, ...], list[int]] = {}
    columns = list(labels.values())
    for row in range(len(covered)):
        key = tuple(column[row] for column in columns)
        count = counts.setdefault(key, [0, 0, 0, 0])
        place = 0 if covered[row] else 2
        count[place] += 1
        count[place + 1] += bool(renewed[row])
    return [Overlap(dict(zip(labels, key, strict=True)), *counts[key]) for key in sorted(counts)]
