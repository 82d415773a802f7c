"""From line to flag: when one opens, when it closes, on what evidence, and what became of it.

Pure: readings and what people said go in, flags come out; the same input gives the same flags, so nothing is stored
that could disagree. One account and metric has at most one open flag. Does not promise that acting on one helps.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from tenure.kernel.errors import UserError
from tenure.signals.lines import Line, Zone, zone
from tenure.signals.plainly import plainly

Patience = Literal["at once", "2 of 3"]
"""Clocks, counts and events are judged daily and at once; noisy ratios weekly, 2 of the last 3 readings."""

Ending = Literal["recovered", "dismissed", "snoozed"]
Verdict = Literal["churned", "stayed", "not yet known"]

_NEEDS: dict[Patience, tuple[int, int]] = {"at once": (1, 1), "2 of 3": (2, 3)}


@dataclass(frozen=True, slots=True)
class Reading:
    """A metric's value on a day; NaN is unknown. `late`: its source had not delivered, so it decides nothing."""

    day: date
    value: float
    late: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Beyond which line a flag opens, beyond which it closes, and how many readings must say so.

    The exit line is the safe end of the at-risk line's interval: the hysteresis is the line's own uncertainty.
    """

    metric: str
    at_risk: Line
    exit: Line
    patience: Patience = "2 of 3"
    threshold: str = ""
    """Version of the threshold in use."""

    def __post_init__(self) -> None:
        """Raises UserError where one value could open and close a flag."""
        ends = self.at_risk.value, self.exit.value
        signs_differ = self.at_risk.below != self.exit.below
        apart = ends[0] < ends[1] if self.at_risk.below else ends[0] > ends[1]
        touching = ends[0] == ends[1] and not (
            self.at_risk.beyond(ends[0]) and self.exit.beyond(ends[0])
        )
        if not (signs_differ and (apart or touching)):
            raise UserError(
                f"A value could be at risk ({self.at_risk}) and past the exit line ({self.exit}) at once.",
                where=self.metric,
                remedy="Put the exit line on the safe side of the at-risk line.",
                code="flag.exit",
            )


@dataclass(frozen=True, slots=True)
class Hold:
    """A person holds the flag down, with a reason: after the readings of `on`, until the day `until` (not included)."""

    kind: Literal["dismissed", "snoozed"]
    on: date
    until: date
    reason_said: str

    def __post_init__(self) -> None:
        if not self.reason_said.strip() or self.until <= self.on:
            raise UserError(
                "A flag is held down with a reason and until a later day.",
                remedy="Say why, and until when.",
                code="flag.hold",
            )


@dataclass(frozen=True, slots=True)
class Flag:
    """One stay beyond the line.

    `value` is the latest reading beyond the line on opening, `since` the first of those that opened it, `zone_left` the zone before
    `since` ("unknown" where none was read), `zone_entered` that of `value`. `closed_on` is None while it is open;
    `ended`, `value_at_close` and `reason_said` say how it closed.
    """

    metric: str
    opened_on: date
    since: date
    value: float
    line: str
    zone_left: Zone
    zone_entered: Zone
    threshold: str
    closed_on: date | None = None
    value_at_close: float | None = None
    ended: Ending | None = None
    reason_said: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, days as ISO text."""
        told: dict[str, Any] = plainly(self)
        return told


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a flag: how it ended, what was said, and whether the account left within the horizon."""

    metric: str
    opened_on: date
    value: float
    ended: Ending | None
    reason_said: str
    verdict: Verdict

    def to_dict(self) -> dict[str, Any]:
        """Plain values, days as ISO text."""
        told: dict[str, Any] = plainly(self)
        return told


def flags(readings: Iterable[Reading], rule: Rule, holds: Sequence[Hold] = ()) -> list[Flag]:
    """The flags of one account and metric, by their opening; at most the last one is open.

    Readings that are late or unknown leave everything as it is. A hold closes an open flag on its first day and lets
    none open until its end; what is then still beyond the line opens again.

    Args:
        readings: one per day or week; in any order.
        rule: lines and patience.
        holds: what people said.
    """
    needs, of = _NEEDS[rule.patience]
    heard: list[Reading] = []
    found: list[Flag] = []
    flag: Flag | None = None
    for reading in sorted(readings, key=lambda r: r.day):
        if flag and (hold := _hold_of(flag, holds, reading.day)):
            found.append(_closed(flag, hold.on, hold.kind, reason_said=hold.reason_said))
            flag = None
        if reading.late or math.isnan(reading.value):
            continue
        heard.append(reading)
        latest = heard[-of:]
        if flag:
            if sum(bool(rule.exit.beyond(r.value)) for r in latest) >= needs:
                found.append(_closed(flag, reading.day, "recovered", value=reading.value))
                flag = None
        elif not any(h.on < reading.day < h.until for h in holds):
            beyond = [r for r in latest if rule.at_risk.beyond(r.value)]
            if len(beyond) >= needs:
                flag = _opened(rule, heard, beyond, reading.day)
    if flag:
        hold = _hold_of(flag, holds, date.max)
        found.append(
            _closed(flag, hold.on, hold.kind, reason_said=hold.reason_said) if hold else flag
        )
    return found


def outcomes(
    found: Iterable[Flag],
    *,
    decided_on: date | None,
    known_to: date,
    horizon_days: int = 90,
) -> list[Outcome]:
    """What became of one account's flags, for the next calibration of their line.

    Args:
        found: the flags.
        decided_on: the day on which the account decided to leave; None: it did not.
        known_to: outcomes are complete up to this day (not included).
        horizon_days: an exit later than this after the opening was not what the flag warned of.
    """
    told = []
    for flag in found:
        end = flag.opened_on + timedelta(days=horizon_days)
        verdict: Verdict = "stayed" if end < known_to else "not yet known"
        if decided_on is not None and flag.opened_on < decided_on <= end:
            verdict = "churned"
        told.append(
            Outcome(flag.metric, flag.opened_on, flag.value, flag.ended, flag.reason_said, verdict)
        )
    return told


def _opened(rule: Rule, heard: list[Reading], beyond: list[Reading], day: date) -> Flag:
    before = [r.value for r in heard if r.day < beyond[0].day]
    return Flag(
        metric=rule.metric,
        opened_on=day,
        since=beyond[0].day,
        value=beyond[-1].value,
        line=str(rule.at_risk),
        zone_left=zone(before[-1], rule.at_risk, rule.exit) if before else "unknown",
        zone_entered=zone(beyond[-1].value, rule.at_risk, rule.exit),
        threshold=rule.threshold,
    )


def _closed(
    flag: Flag, on: date, ended: Ending, *, value: float | None = None, reason_said: str = ""
) -> Flag:
    return replace(flag, closed_on=on, ended=ended, value_at_close=value, reason_said=reason_said)


def _hold_of(flag: Flag, holds: Sequence[Hold], before: date) -> Hold | None:
    """The first hold said while the flag was open; it acts after the readings of its own day."""
    said = [h for h in holds if flag.opened_on <= h.on < before]
    return min(said, key=lambda h: h.on, default=None)
