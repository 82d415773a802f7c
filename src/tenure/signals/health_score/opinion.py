"""The team's own opinion, kept beside the learned score and never mixed into it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from tenure.signals.health_score.inputs import Floats

Difference = Literal["agree", "team sees more risk", "team sees less risk", ""]

RANK = {"red": 0, "amber": 1, "yellow": 1, "green": 2}
APART = 25.0
"""Points between two ranks in the book from which a score and an opinion in numbers are said to differ."""


def differences(said: Sequence[str], scores: Floats, colours: Sequence[str]) -> list[Difference]:
    """How the team's word for each account stands to the learned score; empty where either is not known.

    A colour is compared with the learned colour, and differs by at least one. A number is on the team's own scale,
    so both are compared by their rank within the book, and differ by at least 25 points. No mean is ever made.
    """
    numbers = np.array([_number(word) for word in said])
    both = ~np.isnan(numbers) & ~np.isnan(scores)
    theirs, ours = np.full(len(said), np.nan), np.full(len(said), np.nan)
    theirs[both], ours[both] = _ranks(numbers[both]), _ranks(scores[both])
    found: list[Difference] = []
    for place, word in enumerate(said):
        colour = RANK.get(word.strip().lower())
        if colour is not None and colours[place] in RANK:
            found.append(_told(colour - RANK[colours[place]], 1))
        elif both[place]:
            found.append(_told(float(theirs[place] - ours[place]), APART))
        else:
            found.append("")
    return found


def _told(gap: float, from_: float) -> Difference:
    if abs(gap) < from_:
        return "agree"
    return "team sees more risk" if gap < 0 else "team sees less risk"


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return np.nan


def _ranks(values: Floats) -> Floats:
    if not len(values):
        return values
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((100 * (np.cumsum(counts) - counts / 2) / len(values))[place])
