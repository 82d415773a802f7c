"""Does a threshold still hold? The first rule that applies to what happened since it was learned."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from tenure.signals.evidence import Review
from tenure.signals.rates import Interval, newcombe, wilson

FEWEST, FIRM = 5, 10
"""Events below which nothing is said, and from which a threshold can be called decayed.

With fewer than ten a true one would be called so in up to 12 % of reviews.
"""
SURE, LIFTS, LOST = 0.05, 1.25, 0.75


@dataclass(frozen=True, slots=True)
class Counted:
    """Events among the flagged (k1 of n1) and among the others (k0 of n0)."""

    k1: int
    n1: int
    k0: int
    n0: int

    @property
    def events(self) -> int:
        """All of them."""
        return self.k1 + self.k0

    @property
    def recall(self) -> float:
        """Share of the events that were flagged."""
        return self.k1 / self.events if self.events else math.nan

    @property
    def share(self) -> float:
        """Share of the rows that were flagged."""
        total = self.n1 + self.n0
        return self.n1 / total if total else math.nan

    @property
    def lift(self) -> float:
        """The flagged rate over the overall one; 0 where nobody is flagged."""
        overall = self.events / (self.n1 + self.n0) if self.n1 + self.n0 else math.nan
        return (self.k1 / self.n1) / overall if self.n1 and overall else 0.0

    @property
    def difference(self) -> float:
        """The flagged rate less the rate of the others."""
        return self.k1 / self.n1 - self.k0 / self.n0 if self.n1 and self.n0 else math.nan


@dataclass(frozen=True, slots=True)
class Learned0:
    """What a threshold promised when it was learned: recall, share flagged, and the difference of rates."""

    recall: float
    share: float
    difference: float

    @classmethod
    def of(cls, counted: Counted) -> Learned0:
        """From the table it was learned on."""
        return cls(counted.recall, counted.share, counted.difference)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The word, with the numbers that earned it."""

    word: Review
    counted: Counted
    p: float
    lift: float
    recall: Interval
    difference: Interval

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        c = self.counted
        return {
            "word": self.word, "p": self.p, "lift": self.lift, "events": c.events,
            "flagged": [c.k1, c.n1], "others": [c.k0, c.n0],
            "recall": self.recall.to_list(), "difference": self.difference.to_list(),
        }  # fmt: skip


def fisher_greater(counted: Counted) -> float:
    """Fisher's exact one-sided p: as many events among the flagged, or more, by chance (hypergeometric)."""
    k, n1, n = counted.events, counted.n1, counted.n1 + counted.n0
    if not n1 or not k:
        return 1.0
    top = min(n1, k)
    terms = [_log_choose(k, i) + _log_choose(n - k, n1 - i) for i in range(counted.k1, top + 1)
             if n1 - i <= n - k]  # fmt: skip
    whole = _log_choose(n, n1)
    return min(1.0, math.fsum(math.exp(term - whole) for term in terms))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def verdict(
    now: Counted, learned: Learned0, *, cut_in_use_inside_relearned: bool | None = None
) -> Verdict:
    """The verdict on one threshold.

    Args:
        now: rows after it was learned, flagged and not.
        learned: what it promised then.
        cut_in_use_inside_relearned: whether a cut learned anew could still be the one in use; None: not learned.
    """
    p, lift = fisher_greater(now) if now.n1 else 1.0, now.lift
    recall, difference = wilson(now.k1, now.events), newcombe(now.k1, now.n1, now.k0, now.n0)
    word = _word(now, learned, p, recall, difference)
    if word == "holds" and cut_in_use_inside_relearned is False:
        word = "recalibrate"
    return Verdict(word, now, p, lift, recall, difference)


def _word(
    now: Counted, learned: Learned0, p: float, recall: Interval, difference: Interval
) -> Review:
    if now.events < FEWEST:
        return "not_enough_events"
    separates = p < SURE and now.lift >= LIFTS
    fewer_flagged = now.share < 0.5 * learned.share
    if recall.high < LOST * learned.recall and (separates or fewer_flagged):
        return "recalibrate"
    if separates:
        return "holds"
    faded = now.lift < LIFTS or difference.high < 0.5 * learned.difference
    return "decayed" if now.events >= FIRM and faded else "inconclusive"
