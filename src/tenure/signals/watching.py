"""Watching one account's metric: flags open and close, reading by reading, while lines and people's words change.

Pure: readings, lines and holds go in, flags come out. What was judged is not judged again: a walk goes on from where the
one before stopped, with the flag that stood open then, and comes to the flags that one long walk would have found. One
account and metric has at most one open flag.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tenure.signals.flags import NEEDS, Ending, Flag, Hold, Reading, Rule

MOST_HEARD = 4
"""As many known readings as a walk that goes on must have heard: what patience looks back on, and the zone before."""


@dataclass(frozen=True, slots=True)
class LineInForce:
    """From which day on which rule is in use; None: none is. `turn` orders what was decided on one day.

    After the readings of its day what stands is judged by it once, by the readings heard so far: whoever is beyond a
    new line is told of it at once and not a week later.
    """

    day: date
    rule: Rule | None
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the walk before stopped: readings up to `judged_to` and decisions up to `turn` are done.

    `day` is the last day that any of these fell on; `flag` the one that stood open then.
    """

    judged_to: date = date.min
    turn: int = -1
    day: date = date.min
    flag: Flag | None = None


def flags(readings: Iterable[Reading], rule: Rule, holds: Sequence[Hold] = ()) -> list[Flag]:
    """The flags of one account and metric under one rule, by their opening; at most the last one is open.

    Readings that are late or unknown leave everything as it is. A hold closes an open flag on its first day and lets
    none open until its end; what is then still beyond the line opens again.

    Args:
        readings: one per day or week; in any order.
        rule: lines and patience.
        holds: what people said.
    """
    return watch(readings, [LineInForce(date.min, rule)], holds)


def watch(
    readings: Iterable[Reading],
    lines: Sequence[LineInForce],
    holds: Sequence[Hold] = (),
    standing: Standing | None = None,
) -> list[Flag]:
    """The flags that stood open or opened since `standing`, by their opening; at most the last one is open.

    Args:
        readings: those to judge, and the last `MOST_HEARD` known ones up to `standing.judged_to`.
        lines: the rules in use, in the order in which they were decided.
        holds: what people said.
        standing: where the walk before stopped; the beginning by default.
    """
    walk = _Walk(standing or Standing(), lines, holds)
    for reading in sorted(readings, key=lambda r: r.day):
        walk.reads(reading)
    return walk.ended()


class _Walk:
    """Not frozen: it goes from event to event, on one day the reading first and then decisions by their turn."""

    def __init__(
        self, standing: Standing, lines: Sequence[LineInForce], holds: Sequence[Hold]
    ) -> None:
        self.standing, self.flag = standing, standing.flag
        self.found: list[Flag] = []
        self.heard: list[Reading] = []
        done = [line for line in lines if line.turn <= standing.turn]
        self.rule = done[-1].rule if done else None
        self.holds = [hold for hold in holds if hold.turn <= standing.turn]
        self.coming: list[tuple[date, int, LineInForce | Hold]] = sorted(
            [
                *((line.day, line.turn, line) for line in lines if line.turn > standing.turn),
                *((hold.on, hold.turn, hold) for hold in holds if hold.turn > standing.turn),
            ],
            key=lambda event: event[:2],
        )

    def reads(self, reading: Reading) -> None:
        is_new = reading.day > self.standing.judged_to
        if is_new:
            self._decided_before(reading.day)
        if reading.gone:
            self.heard.clear()
            if is_new:
                self._close(self._not_before(reading.day), "left")
        elif not (reading.late or math.isnan(reading.value)):
            self.heard.append(reading)
            if is_new:
                self._judge(self._not_before(reading.day), "recovered")

    def ended(self) -> list[Flag]:
        self._decided_before(date.max)
        return self.found if self.flag is None else [*self.found, self.flag]

    def _not_before(self, day: date) -> date:
        """What comes to light after later things were done happens on the day of the last of them, never before."""
        return max(day, self.standing.day)

    def _decided_before(self, day: date) -> None:
        while self.coming and self.coming[0][0] < day:
            on, _, event = self.coming.pop(0)
            on = self._not_before(on)
            if isinstance(event, Hold):
                self.holds.append(event)
                self._close(on, event.kind, reason_said=event.reason_said)
                continue
            self.rule = event.rule
            if event.rule is None:
                self._close(on, "line moved")
            else:
                self._judge(on, "line moved")

    def _judge(self, day: date, ended: Ending) -> None:
        rule = self.rule
        if rule is None:
            return
        needs, of = NEEDS[rule.patience]
        latest = self.heard[-of:]
        if self.flag is not None:
            if sum(rule.is_clear(r.value) for r in latest) >= needs:
                self._close(day, ended, value=latest[-1].value)
        elif not any(day < hold.until for hold in self.holds):
            beyond = [r for r in latest if rule.is_beyond(r.value)]
            if len(beyond) >= needs:
                self.flag = self._opened(rule, beyond, day)

    def _opened(self, rule: Rule, beyond: list[Reading], day: date) -> Flag:
        before = [r.value for r in self.heard if r.day < beyond[0].day]
        return Flag(
            metric=rule.metric,
            opened_on=day,
            since=beyond[0].day,
            value=beyond[-1].value,
            line=rule.words,
            zone_left=rule.zone(before[-1]) if before else "unknown",
            zone_entered=rule.zone(beyond[-1].value),
            threshold=rule.threshold,
        )

    def _close(
        self, on: date, ended: Ending, *, value: float | None = None, reason_said: str = ""
    ) -> None:
        if self.flag is not None:
            self.found.append(
                replace(
                    self.flag,
                    closed_on=on,
                    ended=ended,
                    value_at_close=value,
                    reason_said=reason_said,
                )
            )
            self.flag = None
