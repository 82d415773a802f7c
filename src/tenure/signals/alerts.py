"""When a threshold would have warned, and what its warnings cost: alert lead, misses, burden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tenure.kernel.unknown import Unknown
from tenure.signals.flags import Patience
from tenure.signals.lines import Line
from tenure.signals.plainly import plainly
from tenure.signals.rates import NOWHERE, Interval, wilson
from tenure.signals.weekly import Bools, Floats, Ints

DRAWS: Final = 400
_WEEKS_PER_MONTH: Final = 30.4375 / 7


@dataclass(frozen=True, slots=True)
class Alerts:
    """What one threshold would have told, over the accounts that left.

    `lead_days`: median days from the first alert of the episode that was running when the account left; never
    warned counts as 0. Shares are 0 to 1 with Wilson's interval. `per_100_accounts_month`: episodes opened.
    `false_per_true`: episodes after which nobody left, per episode after which the account did.
    """

    cases: int
    lead_days: Interval
    warned_60: Interval
    warned_90: Interval
    never_warned: Interval
    per_100_accounts_month: float
    episodes_true: int
    episodes_false: int
    false_per_true: float | Unknown
    leads: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        told: dict[str, Any] = plainly(self)
        return told


def alerts(values: Floats, line: Line, patience: Patience = "2 of 3") -> Bools:
    """The weeks in which each row alerts: this reading, or 2 of the last 3 readings, beyond the line.

    A week without a reading alerts nothing and is not counted among the three.
    """
    known, beyond = ~np.isnan(values), line.beyond(values)
    if patience == "at once":
        return beyond
    found = np.zeros(values.shape, dtype=bool)
    before = np.zeros((len(values), 2), dtype=bool)  # the last reading and the one before it
    for week in range(values.shape[1]):
        here = known[:, week]
        found[:, week] = here & (beyond[:, week] + before.sum(axis=1) >= 2)
        latest = np.column_stack([beyond[:, week], before[:, 0]])
        before = np.where(here[:, None], latest, before)
    return found


def leads(alert: Bools, known: Bools, exits: Ints, *, back: int) -> Ints:
    """Weeks from the first alert to the exit, per row, of the episode still running at the end; 0: never warned.

    Running means: an alert at the last or the last but one reading before the exit. Gaps of one week belong to the
    episode; nothing earlier than `back` weeks counts.
    """
    found = np.zeros(len(alert), dtype=np.intp)
    for row, left in enumerate(exits):
        start = max(left - back, 0)
        readings = start + np.flatnonzero(known[row, start:left])[-2:]
        running = [week for week in readings if alert[row, week]]
        if not running:
            continue
        first = running[0]
        for week in range(first - 1, start - 1, -1):
            if alert[row, week]:
                first = week
            elif first - week > 1:
                break
        found[row] = left - first
    return found


def episodes(alert: Bools) -> list[tuple[int, int, int]]:
    """Row, first and last week of every episode; a gap of one week does not end one."""
    found = []
    for row in np.flatnonzero(alert.any(axis=1)):
        weeks = np.flatnonzero(alert[row])
        for part in np.split(weeks, np.flatnonzero(np.diff(weeks) > 2) + 1):
            found.append((int(row), int(part[0]), int(part[-1])))
    return found


def judged(
    values: Floats,
    exits: Ints,
    line: Line,
    *,
    horizon: int,
    patience: Patience,
    draw: np.random.Generator,
) -> Alerts:
    """The alerts of a threshold held against the exits.

    Args:
        values: accounts × weeks; readings from the exit on are not looked at.
        exits: the week of each account's exit; NEVER for none.
        line: beyond which a reading is at risk.
        horizon: weeks within which an alert's account has to leave for the alert to have been true.
        patience: of the metric.
        draw: stream of the bootstrap.
    """
    weeks = values.shape[1]
    values = np.where(np.arange(weeks) < exits[:, None], values, np.nan)
    known = ~np.isnan(values)
    alert = alerts(values, line, patience)
    gone = np.flatnonzero((exits <= weeks) & known.any(axis=1))
    warned = 7 * leads(alert[gone], known[gone], exits[gone], back=horizon + 13)
    true, false = _true_and_false(episodes(alert), exits, horizon, weeks)
    months = known.sum() / _WEEKS_PER_MONTH
    n = len(gone)
    return Alerts(
        cases=n,
        lead_days=_median(warned, draw),
        warned_60=wilson(int((warned >= 60).sum()), n),
        warned_90=wilson(int((warned >= 90).sum()), n),
        never_warned=wilson(int((warned == 0).sum()), n),
        per_100_accounts_month=float(100 * len(episodes(alert)) / months) if months else 0.0,
        episodes_true=true,
        episodes_false=false,
        false_per_true=false / true if true else Unknown("undefined", "No alert was true."),
        leads=tuple(int(w) for w in warned),
    )


def _true_and_false(
    found: list[tuple[int, int, int]], exits: Ints, horizon: int, weeks: int
) -> tuple[int, int]:
    """An episode is true if the account left within the horizon after its last alert; open ends are not judged."""
    true = sum(exits[row] <= last + horizon for row, _, last in found)
    ended = sum(exits[row] > last + horizon and last + horizon < weeks for row, _, last in found)
    return int(true), int(ended)


def _median(days: Ints, draw: np.random.Generator) -> Interval:
    if not len(days):
        return NOWHERE
    drawn = np.median(days[draw.integers(0, len(days), (DRAWS, len(days)))], axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Interval(float(np.median(days)), float(low), float(high))
