"""People's calls on a renewal: what each word has been worth, as a shift in log-odds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tenure.signals.health_score.fit import expit, logit
from tenure.signals.health_score.inputs import Floats

FEWEST = 10
"""Past outcomes of a word below which it moves nothing."""


@dataclass(frozen=True, slots=True)
class Call:
    """A word (commit, best case, risk …): its shift of the log-odds of leaving, and its track record."""

    word: str
    shift: float
    outcomes: int
    left: int
    expected: float


def shift_of(p: Floats, y: Floats) -> float:
    """The shift that the outcomes speak for, under a Normal(0, 1) prior; 0 below 10 outcomes. By Newton."""
    if len(y) < FEWEST:
        return 0.0
    eta, d = logit(p), 0.0
    for _ in range(60):
        q = expit(eta + d)
        step = float((y - q).sum() - d) / float((q * (1 - q)).sum() + 1)
        d += max(-2.0, min(2.0, step))
        if abs(step) < 1e-12:
            break
    return d


def calls(words: Sequence[str], p: Floats, y: Floats) -> dict[str, Call]:
    """Every word's shift and record, from past calls with their probabilities and outcomes.

    Args:
        words: one word per past renewal; the empty word is no call.
        p: probability of leaving as told at the time of the call.
        y: 1 where the account left.
    """
    found = {}
    said = np.asarray(words)
    for word in sorted({w for w in words if w}):
        some = said == word
        left, expected = int(y[some].sum()), float(p[some].sum())
        found[word] = Call(word, shift_of(p[some], y[some]), int(some.sum()), left, expected)
    return found
