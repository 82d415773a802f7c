"""Where a score is going: the change over 13 weeks, and whether it is more than its own noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from tenure.kernel.unknown import Unknown
from tenure.signals.health_score.inputs import Floats

Word = Literal["falling", "stable", "rising"]

WEEKS = 13
FEWEST = 8
"""Known readings of 13 below which no slope is told."""
AT_LEAST = 10.0
"""Points that a score must move at least, however quiet it is."""
PLAIN_BAND = 5.0
"""Points of the plain word, as the catalogue's least-squares slope has them."""
TO_SD = 1.4826
"""Median absolute deviation of a normal distribution to its standard deviation."""


@dataclass(frozen=True, slots=True)
class Slope:
    """Change in points over the window by Theil-Sen, the score's noise in points, and two words.

    `word` asks for more than twice the noise and 10 points; `plain` is the catalogue's word, from the least-squares
    line and a band of 5 points. `within_noise` marks a plain word that moves where the careful one does not.
    """

    change: float
    noise: float
    word: Word
    plain: Word
    plain_change: float

    @property
    def within_noise(self) -> bool:
        """Whether the plain word claims a movement that the noise explains."""
        return self.plain not in ("stable", self.word)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"within_noise": self.within_noise}


def slope(
    scores: Sequence[float | None],
    *,
    baseline: Sequence[float | None] = (),
    population: tuple[float, float] = (0.0, 0.0),
) -> Slope | Unknown:
    """The slope of 13 weekly scores of one model version, oldest first.

    Args:
        scores: 13 readings, None or NaN where there was none.
        baseline: the 26 readings before them, where known; they steady the noise.
        population: median absolute spread over accounts in points, and relative to the level.

    Returns:
        Unknown("too_little_history") with fewer than 8 known readings.

    Source: section "trajectories" of the statistics: the noise is 1.4826 times the median distance of the first
    differences from their median, over the square root of 2; Theil 1950, Sen 1968.
    """
    x = np.array([np.nan if v is None else float(v) for v in scores])
    week = np.arange(len(x), dtype=float)
    known = ~np.isnan(x)
    if known.sum() < FEWEST or len(x) != WEEKS:
        lacking = f"{int(known.sum())} of the last 13 weekly scores are known; {FEWEST} are needed."
        return Unknown("too_little_history", lacking)
    v, t = x[known], week[known]
    i, j = np.triu_indices(len(v), 1)
    change = (WEEKS - 1) * float(np.median((v[j] - v[i]) / (t[j] - t[i])))
    plain_change = (WEEKS - 1) * float(np.polyfit(t, v, 1)[0])
    noise = _noise(x, np.array([np.nan if b is None else float(b) for b in baseline]), population)
    return Slope(
        change,
        noise,
        _word(change, max(2 * noise, AT_LEAST), strict=2 * noise >= AT_LEAST),
        _word(plain_change, PLAIN_BAND, strict=False),
        plain_change,
    )


def _noise(x: Floats, baseline: Floats, population: tuple[float, float]) -> float:
    steps = np.diff(x)
    steps = steps[~np.isnan(steps)]
    quick = (
        TO_SD * float(np.median(np.abs(steps - np.median(steps)))) / np.sqrt(2)
        if len(steps)
        else 0.0
    )
    before = baseline[~np.isnan(baseline)]
    level = float(np.median(before if len(before) else x[~np.isnan(x)]))
    own = TO_SD * float(np.median(np.abs(before - level))) if len(before) else 0.0
    spread = max(own, 0.5 * population[1] * abs(level), 0.25 * population[0])
    return float(max(quick, 0.5 * spread))


def _word(change: float, band: float, *, strict: bool) -> Word:
    if abs(change) < band or (strict and abs(change) == band):
        return "stable"
    return "falling" if change < 0 else "rising"
