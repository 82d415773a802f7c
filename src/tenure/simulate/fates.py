"""Whether a contract is renewed, and when: drawn before its term is lived, so that signs can come first."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from random import Random

from tenure.simulate.accounts import Account, choose
from tenure.simulate.contracts import Decline
from tenure.simulate.scale import Scale, days, some_day
from tenure.simulate.segments import EXIT_REASONS

TIMINGS = (("on_time", 0.66), ("early", 0.16), ("late", 0.14), ("late_beyond_grace", 0.04))
LONGER_TERMS_LOSE = {12: 1.0, 24: 1.5, 36: 2.0}


@dataclass(frozen=True, slots=True)
class Fate:
    """The end of one term. `end` is the last covered day + 1 of a lost contract, else its due date.

    A lost contract is `told` when the customer gave notice or it was cut off, silent when it just
    ran out. Of a renewed one, `next_start` and `signed` belong to the successor.
    """

    lost: bool
    end: date
    timing: str = ""
    next_start: date | None = None
    signed: date | None = None
    notice: date | None = None
    told: bool = False
    reason: str = ""
    kind: str = ""

    @property
    def until(self) -> date:
        """The day from which nothing else happens inside the term."""
        return min(self.end, self.next_start) if self.next_start is not None else self.end


def loss_chance(who: Account, yearly: float, term_months: int) -> float:
    """The chance that a term ends without renewal: worse fit and less care lose more."""
    base = min(0.6, yearly * LONGER_TERMS_LOSE.get(term_months, 1.0))
    odds = base / (1 - base) * math.exp(-0.8 * who.quality - 2.2 * (who.care - 0.78))
    return odds / (1 + odds)


def draw_fate(
    draw: Random, scale: Scale, who: Account, *, start: date, due: date, term: int
) -> Fate:
    """What happens at `due`; nobody who came before the window leaves before it."""
    chance = loss_chance(who, who.segment.yearly_loss, term)
    if due >= scale.begin + days(60) and draw.random() < chance:
        return _lost(draw, scale, start, due)
    timing = choose(draw, TIMINGS)
    if timing == "late_beyond_grace" and due < scale.begin:
        timing = "on_time"
    if timing == "on_time":
        return Fate(
            lost=False,
            end=due,
            timing=timing,
            next_start=due,
            signed=due - days(draw.uniform(2, 45)),
        )
    if timing == "early":
        following = due - days(draw.uniform(7, 60))
        return Fate(
            lost=False,
            end=due,
            timing=timing,
            next_start=following,
            signed=following - days(draw.uniform(0, 14)),
        )
    longest = (3, 28) if timing == "late" else (36, 80)
    following = due + days(draw.uniform(*longest))
    return Fate(lost=False, end=due, timing=timing, next_start=following, signed=following)


def _lost(draw: Random, scale: Scale, start: date, due: date) -> Fate:
    """Most who leave choose to and say so; some are cut off, some just let it run out."""
    word = draw.random()
    if word < 0.12:
        kind, reason = "involuntary", draw.choice(("payment failure", "bankruptcy"))
        cut = some_day(draw, max(start + days(60), scale.begin + days(60)), due)
        return Fate(lost=True, end=cut, told=True, reason=reason, kind=kind)
    if word < 0.17:
        notice = due - days(draw.uniform(20, 90))
        return Fate(lost=True, end=due, notice=notice, told=True, reason="acquired", kind="merged")
    reason = choose(draw, EXIT_REASONS)
    if word < 0.74:
        notice = due - days(draw.uniform(20, 120))
        return Fate(
            lost=True,
            end=due,
            notice=max(notice, start),
            told=True,
            reason=reason,
            kind="voluntary",
        )
    return Fate(lost=True, end=due, kind="voluntary")


def decline_before(draw: Random, fate: Fate) -> list[Decline]:
    """Seven in ten who choose to leave show it before they decide; of those cut off, fewer."""
    seen = {"voluntary": 0.7, "involuntary": 0.4, "merged": 0.15}[fate.kind]
    if draw.random() >= seen:
        return []
    decided = fate.notice or fate.end - days(draw.uniform(15, 60))
    onset = decided - days(draw.uniform(50, 150))
    depth = -draw.uniform(0.6, 1.9)
    return [Decline(onset, decided, depth, fate.end + days(150))]


def false_alarms(draw: Random, scale: Scale) -> list[Decline]:
    """Dips that heal by themselves: not everybody who falls leaves."""
    found = []
    for _ in range(max(1, round(scale.years))):
        if draw.random() < 0.24:
            onset = some_day(draw, scale.begin, scale.end)
            bottom = onset + days(draw.uniform(30, 80))
            over = bottom + days(draw.uniform(20, 90))
            found.append(Decline(onset, bottom, -draw.uniform(0.5, 1.7), over))
    return found
