"""Differences of ranking between contenders, with the uncertainty of which accounts happened to be there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tenure.signals.backtesting.measures import Told, pairs
from tenure.signals.health_score.inputs import Floats
from tenure.signals.rates import Interval

DRAWS = 1_000
CELLS = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Resamples:
    """How often each account is in each draw: draws x accounts. All contenders and origins share it (paired)."""

    names: tuple[str, ...]
    counts: Floats

    def weights(self, accounts: Sequence[str]) -> Floats:
        """The draws' weights of rows of these accounts."""
        place = {name: i for i, name in enumerate(self.names)}
        return self.counts[:, [place[a] for a in accounts]]


def resamples(accounts: Sequence[str], draws: np.random.Generator, count: int = DRAWS) -> Resamples:
    """Bootstrap draws of accounts: an account's rows go together."""
    names = tuple(sorted(set(accounts)))
    n = len(names)
    counts = np.empty((count, n))
    for draw in range(count):
        counts[draw] = np.bincount(draws.integers(0, n, n), minlength=n)
    return Resamples(names, counts)


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Pairs won and pairs there were, over the origins: in the data, and in every draw."""

    won: float
    of: float
    drawn_won: Floats
    drawn_of: Floats

    @property
    def auc(self) -> float:
        """Share of pairs won, only pairs within an origin."""
        return self.won / self.of

    @property
    def drawn(self) -> Floats:
        """The same in every draw; NaN in a draw without a pair."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.drawn_won / self.drawn_of)

    def interval(self) -> Interval:
        """AUC with the middle 95 % of the draws."""
        low, high = np.nanquantile(self.drawn, [0.025, 0.975]).tolist()
        return Interval(self.auc, low, high)


def ranking(told: Sequence[Told], drawn: Resamples) -> Ranking:
    """How a contender ranks, over the origins at which it was told."""
    won = of = 0.0
    drawn_won = np.zeros(len(drawn.counts))
    drawn_of = np.zeros(len(drawn.counts))
    for one in told:
        event = one.y > 0
        kernel = pairs(one.p[event], one.p[~event])
        won, of = won + float(kernel.sum()), of + kernel.size
        weight = drawn.weights(one.accounts)
        w1, w0 = weight[:, event], weight[:, ~event]
        drawn_of += w1.sum(axis=1) * w0.sum(axis=1)
        drawn_won += ((w1 @ kernel) * w0).sum(axis=1)
    return Ranking(won, of, drawn_won, drawn_of)


def difference(one: Ranking, other: Ranking, *, level: float = 0.8) -> Interval:
    """AUC of `one` minus that of `other` with the middle `level` of the paired draws."""
    gap = one.drawn - other.drawn
    low, high = np.nanquantile(gap, [(1 - level) / 2, (1 + level) / 2]).tolist()
    return Interval(one.auc - other.auc, low, high)
