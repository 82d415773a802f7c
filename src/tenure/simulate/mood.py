"""How an account feels week by week: what moves before it leaves or grows, and what every sign follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tenure.simulate.accounts import Account
from tenure.simulate.contracts import Decline, Life
from tenure.simulate.scale import Scale

WEEK = timedelta(days=7)
MIDWEEK = timedelta(days=3)
USE_FOLLOWS = 0.55
"""How strongly use follows the mood: its mean is multiplied by exp(0.55 x mood)."""


@dataclass(frozen=True, slots=True)
class Mood:
    """One value per week from `begin`: about 0 is ordinary, -2 is about to go, +1.5 delighted."""

    begin: date
    weeks: tuple[float, ...]

    def on(self, day: date) -> float:
        """The mood on `day`; before the window that of its first week."""
        place = (day - self.begin).days // 7
        return self.weeks[min(max(place, 0), len(self.weeks) - 1)]


def leaning(who: Account) -> float:
    """The lasting mood of an account in the plain world: fit, and how well its desk is kept."""
    return 0.36 * who.quality + 0.8 * (who.care - 0.78)


def mood(
    scale: Scale, who: Account, life: Life, base: float, *, felt_on: timedelta = timedelta(0)
) -> Mood:
    """The mood of `who` over the window around `base`, with slow weekly noise.

    A week feels its moves as of its first day plus `felt_on`; half a week makes them come neither
    early nor late.
    """
    draw = scale.stream("mood", who.number)
    found, drift, day = [], 0.0, scale.begin
    while day < scale.end:
        drift = 0.85 * drift + draw.gauss(0, 0.16)
        shift = sum(moved(decline, day + felt_on) for decline in life.moods)
        found.append(max(-2.6, min(2.0, base + drift + shift)))
        day += WEEK
    return Mood(scale.begin, tuple(found))


def moved(decline: Decline, day: date) -> float:
    """How much of a move is felt on `day`: in by a straight line, out by another."""
    if day <= decline.onset:
        return 0.0
    if day < decline.bottom:
        return decline.depth * (day - decline.onset).days / (decline.bottom - decline.onset).days
    if decline.over is None:
        return decline.depth
    if day >= decline.over:
        return 0.0
    return decline.depth * (decline.over - day).days / (decline.over - decline.bottom).days


def living(scale: Scale, life: Life) -> list[tuple[date, date]]:
    """The half-open spans inside the window in which the account paid."""
    found = []
    for start, end in life.spans():
        first, last = max(start, scale.begin), min(end or scale.end, scale.end)
        if first < last:
            found.append((first, last))
    return found
