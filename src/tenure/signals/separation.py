"""How long before an exit a metric had started to differ from accounts that stayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tenure.kernel.unknown import Unknown
from tenure.signals.matching import Matched, looked_up
from tenure.signals.plainly import plainly
from tenure.signals.rates import NOWHERE, Interval
from tenure.signals.weekly import Bools, Floats

DRAWS: Final = 400
MIN_CASES: Final = 15
TOGETHER: Final = 90
"""Percent of draws in which all lower limits hold at once."""
MIN_CASES_AT: Final = 8


@dataclass(frozen=True, slots=True)
class Lead:
    """One lead: days before the exit, AUC of leaving against staying accounts with its interval, cases it rests on.

    `low_together` is the lower limit that holds for all leads at once; the separation lead is read off it.
    """

    days: int
    auc: Interval
    low_together: float
    cases: int


@dataclass(frozen=True, slots=True)
class Separation:
    """The curve by lead, and the days from which on the two groups differ until the exit."""

    lead_days: int | Unknown
    curve: tuple[Lead, ...]

    def at(self, days: int) -> Interval | Unknown:
        """The AUC at the first lead on the weekly grid that is at least so many days."""
        for lead in self.curve:
            if lead.days >= days:
                if lead.cases < MIN_CASES_AT:
                    break
                return lead.auc
        return Unknown("too_little_history", f"Fewer than {MIN_CASES_AT} exits at {days} days.")

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        told: dict[str, Any] = plainly(self)
        return told


def concordance(values: Floats, groups: Matched, *, low_is_risk: bool, leads: int) -> Floats:
    """Per case and lead in weeks: the share of its controls that looked safer in the same week; ties count half."""
    found = np.full((len(groups), leads + 1), np.nan)
    for lead in range(leads + 1):
        week = groups.weeks - lead
        case = looked_up(values, groups.cases, week)[:, None]
        others = looked_up(values, groups.controls, np.broadcast_to(week[:, None], groups.controls.shape))  # fmt: skip
        ahead = np.sign(others - case) * (1 if low_is_risk else -1)
        known = ~np.isnan(ahead)
        with np.errstate(invalid="ignore"):
            found[:, lead] = np.where(known, (ahead + 1) / 2, 0).sum(axis=1) / known.sum(axis=1)
    return found


def separation(
    values: Floats,
    groups: Matched,
    *,
    low_is_risk: bool,
    leads: int,
    draw: np.random.Generator,
) -> Separation:
    """The curve of AUC by lead and the separation lead.

    The lead is the last week of the first run of joint lower limits above one half that starts one to four weeks before
    the exit (a metric may freeze at the very end); a run survives a gap of one week. See the decision
    `separation-lead-by-a-joint-limit`.

    Args:
        values: accounts × weeks.
        groups: cases and controls.
        low_is_risk: low values are the risk.
        leads: the longest lead, in weeks.
        draw: stream of the bootstrap over cases, 400 draws.
    """
    found = concordance(values, groups, low_is_risk=low_is_risk, leads=leads)
    known = ~np.isnan(found)
    n = known.sum(axis=0)
    usable = n >= MIN_CASES_AT
    filled = np.where(known, found, 0.0)
    auc = filled.sum(axis=0) / np.maximum(n, 1)
    cases = len(groups)
    if cases == 0:
        return Separation(_too_few(0), ())
    times = draw.multinomial(cases, np.full(cases, 1 / cases), size=DRAWS)
    drawn = (times @ filled) / np.maximum(times @ known, 1)
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    together = _low_together(auc, drawn, usable)
    curve = tuple(
        Lead(
            7 * d,
            Interval(float(auc[d]), float(low[d]), float(high[d])) if usable[d] else NOWHERE,
            float(together[d]) if usable[d] else np.nan,
            int(n[d]),
        )
        for d in range(leads + 1)
    )
    if cases < MIN_CASES:
        return Separation(_too_few(cases), curve)
    return Separation(7 * _run(usable & (together > 0.5)), curve)


def _low_together(auc: Floats, drawn: Floats, usable: Bools) -> Floats:
    """Lower limits that all hold at once in 90 % of draws (by the largest standardised excess over the curve)."""
    error = drawn.std(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        largest = np.where(usable & (error > 0), (drawn - auc) / error, 0.0).max(axis=1)
    return np.asarray(auc - np.percentile(largest, TOGETHER) * error)


def _run(above: Bools) -> int:
    """The last week of the first run that starts at week 1 to 4; 0 where none does."""
    starts = [d for d in range(1, min(5, len(above))) if above[d]]
    if not starts:
        return 0
    last = starts[0]
    for d in range(last + 1, len(above)):
        if above[d]:
            last = d
        elif d - last > 1:
            break
    return last


def _too_few(cases: int) -> Unknown:
    return Unknown(
        "too_little_history",
        f"A separation lead needs {MIN_CASES} exits with readings, and there are {cases}: {MIN_CASES - cases} more.",
    )
