"""How likely each renewal is lost: told for every past quarter from what was known before it, and for those to come.

The contenders of the back-test are told anew at the start of every past quarter, from renewals that were settled by then. The
one whose probabilities came nearest to the outcomes is used for the renewals to come; the segment's own rate, unless another
was surely nearer over at least ten lost renewals. Each quarter's probabilities are brought back to what came true before it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenure.signals.backtesting.contenders import BASE, LEARNED, SIMPLEST_FIRST, Side, tell
from tenure.signals.health_score.inputs import Floats, Input
from tenure.signals.health_score.learn import Recipe, Training
from tenure.signals.health_score.recalibrate import recalibrate

SETTLED_AFTER = timedelta(days=30)
"""A late renewal may still come for so long: a renewal teaches only afterwards."""
FEWEST_RENEWALS = 30
"""Settled renewals below which no rate is told."""
Z80 = 1.2815515655446004
"""Standard normal quantile at .9."""
FEWEST_LOST = 10
"""Lost renewals told below which nothing is preferred to the segment's rate."""


@dataclass(frozen=True, slots=True, eq=False)
class Renewed:
    """Renewals as columns: the days they are due, the rows (outcome 1 lost, NaN not known yet), segments, the team's word."""

    due: list[date]
    rows: Training
    segments: list[str]
    said: list[str]

    def __len__(self) -> int:
        return len(self.due)

    def side(self, some: NDArray[np.bool_]) -> Side:
        """Some of them as one side of an origin."""
        kept = np.flatnonzero(some).tolist()
        return Side(
            self.rows.rows(some), [self.segments[i] for i in kept], [self.said[i] for i in kept]
        )


@dataclass(frozen=True, slots=True)
class Tried:
    """One way of telling over the past quarters: how many renewals and losses it told, its Brier score, the skill against
    the segment's rate, and the lower 80 % limit of its gain per renewal.
    """

    contender: str
    n: int
    events: int
    brier: float
    skill: float
    gain_low: float


@dataclass(frozen=True, slots=True, eq=False)
class Chances:
    """Probabilities of the renewals to come, and of past ones as told then (NaN where none could be told)."""

    coming: Floats
    past: Floats
    contender: str
    tried: tuple[Tried, ...]
    calibration: str

    @property
    def says(self) -> str:
        """One sentence on where the probabilities come from."""
        told = {one.contender: one for one in self.tried}
        if self.contender == BASE or self.contender not in told:
            lost = told[BASE].events if BASE in told else 0
            if lost < FEWEST_LOST:
                return (
                    f"Each renewal has its segment's own rate of loss: {lost} lost renewals were told so far, and "
                    f"{FEWEST_LOST - lost} more are needed before anything else is believed."
                )
            return "Each renewal has its segment's own rate of loss: nothing else came surely nearer to what happened."
        one = told[self.contender]
        return (
            f"The chance of each renewal comes from {_named(self.contender)}, which came nearest to what happened in "
            f"{one.n} past renewals ({one.events} lost)."
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, without the probabilities."""
        return {
            "from": self.contender,
            "says": self.says,
            "calibration": self.calibration,
            "tried": [asdict(one) for one in self.tried],
        }


def chances(
    past: Renewed, coming: Renewed, inputs: Sequence[Input], recipe: Recipe | None = None
) -> Chances:
    """P(lost) of every renewal; see above.

    Args:
        past: settled renewals; at least 30, of both kinds.
        coming: those to come, with the same metrics.
        inputs: the metrics that may enter; sides and weights are learned from each quarter's own past.
        recipe: number of the draws.
    """
    recipe = recipe or Recipe()
    starts = [quarter_start(day) for day in past.due]
    told: dict[str, Floats] = {}
    for start in sorted(set(starts)):
        taught = np.array([due + SETTLED_AFTER <= start for due in past.due], dtype=bool)
        now = np.array([one == start for one in starts], dtype=bool)
        lost = float(past.rows.y[taught].sum())
        if taught.sum() < FEWEST_RENEWALS or not 0 < lost < taught.sum():
            continue
        for name, p in tell(past.side(taught), past.side(now), inputs, recipe).items():
            told.setdefault(name, np.full(len(past), np.nan))[now] = p
    tried, chosen = _tried(told, past.rows.y)
    raw = told.get(chosen, np.full(len(past), np.nan))
    everyone = np.ones(len(past), dtype=bool)
    at_hand = (
        tell(past.side(everyone), coming.side(np.ones(len(coming), dtype=bool)), inputs, recipe)
        if len(coming)
        else {chosen: np.empty(0)}
    )
    name = chosen if chosen in at_hand else BASE
    last = recalibrate(*_known(raw, past.rows.y)) if name == chosen else recalibrate(*_nothing())
    return Chances(
        _inside(last.apply(at_hand[name])),
        _as_told_then(raw, past.rows.y, starts),
        name,
        tried,
        last.kind,
    )


def quarter_start(day: date) -> date:
    """The first day of the quarter of `day`."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _tried(told: dict[str, Floats], y: Floats) -> tuple[tuple[Tried, ...], str]:
    """How near each way came over the renewals that all of them told, and the one to use.

    The segment's rate stays unless another way is surely nearer: its gain per renewal less 1.28 standard errors above
    nothing, a lower 80 % limit. Of those the nearest; otherwise the best of five draws of luck would be chosen.
    """
    if not told:
        return (), BASE
    all_told = np.all([~np.isnan(p) for p in told.values()], axis=0)
    if not all_told.any():
        return (), BASE
    came = y[all_told]
    base_loss = (told[BASE][all_told] - came) ** 2
    base, many = float(base_loss.mean()), len(came)
    tried, surely = [], []
    for name in (n for n in (*SIMPLEST_FIRST, LEARNED) if n in told):
        gain = base_loss - (told[name][all_told] - came) ** 2
        mean = float(gain.mean())
        low = mean - Z80 * float(gain.std()) / math.sqrt(many)
        tried.append(
            Tried(name, many, int(came.sum()), base - mean, mean / base if base else 0.0, low)
        )
        if low > 0:
            surely.append(tried[-1])
    if int(came.sum()) < FEWEST_LOST or not surely:
        return tuple(tried), BASE
    return tuple(tried), min(surely, key=lambda one: one.brier).contender


def _as_told_then(raw: Floats, y: Floats, starts: Sequence[date]) -> Floats:
    """Each quarter's probabilities brought back to what came true in the quarters before it."""
    found = np.full(len(raw), np.nan)
    when = np.array(starts)
    for start in sorted(set(starts)):
        before, now = when < start, (when == start) & ~np.isnan(raw)
        found[now] = _inside(recalibrate(*_known(raw[before], y[before])).apply(raw[now]))
    return found


def _known(p: Floats, y: Floats) -> tuple[Floats, Floats]:
    there = ~np.isnan(p)
    return p[there], y[there]


def _nothing() -> tuple[Floats, Floats]:
    return np.empty(0), np.empty(0)


def _inside(p: Floats) -> Floats:
    """Never certain: only a signature or a notice is."""
    return np.clip(p, 1e-4, 1 - 1e-4)


def _named(contender: str) -> str:
    return {LEARNED: "the learned score", "equal weights": "equal weights on all numbers"}.get(
        contender, contender if contender.startswith("the ") else f"the {contender}"
    )
