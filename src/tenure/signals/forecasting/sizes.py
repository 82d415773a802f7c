"""How far renewed amounts move: the odds of less or more, and by how much, by segment drawn towards the company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenure.signals.health_score.inputs import Floats

DRAWN = 20
"""A segment of n past renewals speaks with weight n/(n + 20), the company with the rest."""


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Past renewals that stayed: after/before, with segment. `share` below or above 1 and the ratios there."""

    ratios: Floats
    segments: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ratios)

    def share(self, segment: str, *, up: bool) -> float:
        """Share of renewals that grew (`up`) or shrank, drawn towards the company's."""
        moved = self.ratios > 1 if up else self.ratios < 1
        mine = self._mine(segment)
        n = int(mine.sum())
        whole = float(moved.mean())
        return (float(moved[mine].sum()) + DRAWN * whole) / (n + DRAWN)

    def sizes(self, segment: str, *, up: bool) -> tuple[Floats, Floats, float]:
        """The segment's ratios on that side, the company's, and the weight of the segment's."""
        moved = self.ratios > 1 if up else self.ratios < 1
        own = self.ratios[moved & self._mine(segment)]
        return own, self.ratios[moved], len(own) / (len(own) + DRAWN)

    def draw(self, draws: np.random.Generator, segments: Sequence[str], count: int) -> Floats:
        """Ratios after/before of accounts that stay: `count` draws x one column per account."""
        ratio = np.ones((count, len(segments)))
        of = np.asarray(segments)
        for segment in sorted(set(segments)):
            some = np.flatnonzero(of == segment)
            dice = draws.random((count, len(some)))
            less, more = self.share(segment, up=False), self.share(segment, up=True)
            block = np.ones((count, len(some)))
            for up, hit in ((False, dice < less), (True, dice > 1 - more)):
                block[hit] = self._size(draws, segment, int(hit.sum()), up=up)
            ratio[:, some] = block
        return ratio

    def _size(self, draws: np.random.Generator, segment: str, count: int, *, up: bool) -> Floats:
        own, whole, weight = self.sizes(segment, up=up)
        if not count:
            return np.empty(0)
        # Quantiles between the past ratios, so that a draw is not one of three old numbers only.
        found = np.quantile(whole, draws.random(count))
        if len(own):
            mine = draws.random(count) < weight
            found[mine] = np.quantile(own, draws.random(int(mine.sum())))
        return np.asarray(found)

    def _mine(self, segment: str) -> NDArray[np.bool_]:
        return np.array([one == segment for one in self.segments], dtype=bool)
