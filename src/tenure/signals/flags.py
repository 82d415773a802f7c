"""What a flag is: the rule it stands on, the readings it reads, how people hold it down, and what became of it.

`signals/watching.py` opens and closes them. Does not promise that acting on one helps.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from tenure.kernel.errors import UserError
from tenure.signals.lines import Line, Zone
from tenure.signals.plainly import plainly

Patience = Literal["at once", "2 of 3"]
"""Clocks, counts and events are judged daily and at once; noisy ratios weekly, 2 of the last 3 readings."""

Ending = Literal["recovered", "dismissed", "snoozed", "left", "line moved", "corrected"]
"""`left`: it is no customer any more; `line moved`: no reading is beyond the line that took its place, or none did;
`corrected`: the readings it opened on were changed afterwards."""

Verdict = Literal["churned", "stayed", "not yet known"]

NEEDS: dict[Patience, tuple[int, int]] = {"at once": (1, 1), "2 of 3": (2, 3)}


@dataclass(frozen=True, slots=True)
class Reading:
    """A metric's value on a day; NaN is unknown. `late`: its source had not delivered, so it decides nothing.

    `gone`: the account was no customer on that day; an open flag closes.
    """

    day: date
    value: float
    late: bool = False
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Beyond which line a flag opens, beyond which it closes, and how many readings must say so.

    The exit line is the safe end of the at-risk line's interval: the hysteresis is the line's own uncertainty. A
    healthy band has a second pair, `other`: at risk beyond either line, out of it past both exits.
    """

    metric: str
    at_risk: Line
    exit: Line
    patience: Patience = "2 of 3"
    threshold: str = ""
    """Version of the threshold in use."""
    other: tuple[Line, Line] | None = None

    def __post_init__(self) -> None:
        """Raises UserError where one value could open and close a flag."""
        for at_risk, leave in self.sides:
            if not fits(at_risk, leave):
                raise UserError(
                    f"A value could be at risk ({at_risk}) and past the exit line ({leave}) at once.",
                    where=self.metric,
                    remedy="Put the exit line on the safe side of the at-risk line.",
                    code="flag.exit",
                )

    @property
    def sides(self) -> tuple[tuple[Line, Line], ...]:
        """At-risk line and exit line, once or, for a band, twice."""
        first = (self.at_risk, self.exit)
        return (first,) if self.other is None else (first, self.other)

    def is_beyond(self, value: float) -> bool:
        """Whether a reading speaks for a flag."""
        return any(bool(line.beyond(value)) for line, _ in self.sides)

    def is_clear(self, value: float) -> bool:
        """Whether a reading speaks for closing it."""
        return all(bool(leave.beyond(value)) for _, leave in self.sides)

    def zone(self, value: float) -> Zone:
        """The zone of one value; between line and exit is in between."""
        if math.isnan(value):
            return "unknown"
        return (
            "at risk"
            if self.is_beyond(value)
            else "healthy"
            if self.is_clear(value)
            else "in between"
        )

    @property
    def words(self) -> str:
        """`below 20`, or both sides of a band."""
        return " or ".join(str(line) for line, _ in self.sides)


def fits(at_risk: Line, leave: Line) -> bool:
    """Whether no value can open a flag and close it."""
    a, b = at_risk.value, leave.value
    apart = a < b if at_risk.below else a > b
    touching = a == b and not (at_risk.beyond(a) and leave.beyond(a))
    return at_risk.below != leave.below and (apart or touching)


@dataclass(frozen=True, slots=True)
class Hold:
    """A person holds the flag down, with a reason: after the readings of `on`, until the day `until` (not included).

    `turn` orders what was decided on one day.
    """

    kind: Literal["dismissed", "snoozed"]
    on: date
    until: date
    reason_said: str
    turn: int = 0

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
