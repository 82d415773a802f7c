"""Flags of many accounts at once: from a metric's readings and its lines over time to rows that can be kept.

Pure. A flag is named after its metric, account and day, so that the same walk always writes the same rows.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenure.kernel.wording import civil
from tenure.signals.flags import Flag, Hold, Reading
from tenure.signals.in_use import For, InUse, Stage
from tenure.signals.question import Asked, question
from tenure.signals.watching import MOST_HEARD, LineInForce, Standing, watch

PREFIX = "tenure"
ENDED = {"line moved": "line_moved"}
"""The endings whose word in the table is another."""
PASSED = "passed"
"""How a hint at good news ends: who is no longer ready has not recovered from anything."""


@dataclass(frozen=True, slots=True)
class Readings:
    """One metric's values: accounts × days, NaN where unknown; `gone` where the account was no customer."""

    days: tuple[date, ...]
    accounts: tuple[str, ...]
    values: NDArray[np.float64]
    gone: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Judged:
    """How far a metric was judged: readings up to a day, entries of the journal up to a turn."""

    to: date = date.min
    turn: int = -1


@dataclass(frozen=True, slots=True)
class Watched:
    """What a metric's flags of one question rest on: its lines over time, people's holds and open flags by account.

    `stages` are the lines for all accounts; `by_segment` what was in use for those of a segment with lines of its own,
    and `segments` says which account is of which.
    """

    metric: str
    title: str
    stages: Sequence[Stage]
    holds: Mapping[str, Sequence[Hold]] = field(default_factory=dict)
    standing: Mapping[str, Flag] = field(default_factory=dict)
    asked: Asked = "renew"
    by_segment: Mapping[str, Sequence[Stage]] = field(default_factory=dict)
    segments: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_stages(self) -> list[Stage]:
        """Those of every segment too."""
        return [*self.stages, *(s for own in self.by_segment.values() for s in own)]

    def stages_of(self, account: str) -> Sequence[Stage]:
        """What was in use for an account, one after the other."""
        return self.by_segment.get(self.segments.get(account, ""), self.stages)

    def line(self, version: str) -> InUse | None:
        """The line of a version."""
        lines = [s.line for s in self.all_stages if s.line is not None]
        found = [line for line in lines if line.version == version]
        return found[-1] if found else None


def flags_of(watched: Watched, readings: Readings, judged: Judged) -> dict[str, list[Flag]]:
    """By account: the flags that stood open or opened since, for accounts that have any."""
    every = _in_force(watched.all_stages)
    found = {}
    for row in _worth_walking(watched, readings, every):
        account = readings.accounts[row]
        lines = _in_force(watched.stages_of(account))
        settled = max([line.day for line in lines if line.turn <= judged.turn], default=date.min)
        holds = watched.holds.get(account, ())
        done = [hold.on for hold in holds if hold.turn <= judged.turn]
        standing = Standing(
            judged.to,
            judged.turn,
            max([judged.to, settled, *done]),
            watched.standing.get(account),
        )
        own = watch(_readings(readings, row, judged.to), lines, holds, standing)
        if own:
            found[account] = own
    return found


def _in_force(stages: Sequence[Stage]) -> list[LineInForce]:
    return [LineInForce(s.day, None if s.line is None else s.line.rule, s.turn) for s in stages]


def _worth_walking(
    watched: Watched, readings: Readings, lines: Sequence[LineInForce]
) -> Iterable[int]:
    """Accounts with an open flag, or with a value beyond one of the lines; no others can get a flag."""
    beyond = np.zeros(len(readings.accounts), dtype=bool)
    for rule in {line.rule for line in lines if line.rule is not None}:
        for at_risk, _ in rule.sides:
            beyond |= at_risk.beyond(readings.values).any(axis=1)
    for row, account in enumerate(readings.accounts):
        if beyond[row] or account in watched.standing:
            yield row


def _readings(readings: Readings, row: int, judged_to: date) -> list[Reading]:
    """All that are to be judged, and before them as many known ones as patience needs."""
    values, gone = readings.values[row], readings.gone[row]
    heard, found = 0, list[Reading]()
    for place in range(len(readings.days) - 1, -1, -1):
        day = readings.days[place]
        if day <= judged_to and heard >= MOST_HEARD:
            break
        is_gone = bool(gone[place])
        if day <= judged_to and (is_gone or not np.isnan(values[place])):
            heard += 1
        found.append(Reading(day, float(values[place]), gone=is_gone))
    return found[::-1]


def row_of(watched: Watched, account: str, flag: Flag, flag_id: str) -> dict[str, Any]:
    """A flag as a row of `risk_flags`; its evidence is what was known when it opened."""
    line, good = watched.line(flag.threshold), watched.asked != "renew"
    ended = None if flag.ended is None else ENDED.get(flag.ended, flag.ended)
    return {
        "flag_id": flag_id,
        "account_id": account,
        "metric_id": watched.metric,
        "question": watched.asked if good else None,
        "reason": _reason(watched, flag, line),
        "severity": None
        if good
        else "watch"
        if line is None or line.origin == "preset"
        else "at_risk",
        "raised_date": flag.opened_on,
        "cleared_date": flag.closed_on,
        "ended": PASSED if good and ended == "recovered" else ended,
        "reason_said": flag.reason_said or None,
        "evidence": json.dumps(_evidence(flag, line), sort_keys=True),
    }


def flag_id(
    metric: str, account: str, opened_on: date, taken: Container[str], asked: Asked = "renew"
) -> str:
    """`tenure:health_score:A17:2026-09-27`, with a number behind it where a closed flag has that name.

    Of good news the question stands in it: `tenure:grow:seat_utilization:A17:2026-09-27`.
    """
    about = metric if asked == "renew" else f"{asked}:{metric}"
    name = f"{PREFIX}:{about}:{account}:{opened_on}"
    number = 1
    while (told := name if number == 1 else f"{name}:{number}") in taken:
        number += 1
    return told


def _reason(watched: Watched, flag: Flag, line: InUse | None) -> str:
    value = f"{flag.value:g}" if line is None else line.number(flag.value)
    words = flag.line if line is None else line.words(line.at_risk)
    ready = "" if watched.asked == "renew" else f"{question(watched.asked).zones[0]} "
    return f"{watched.title}: {value}, {ready}{words}, since {civil(flag.since)}"


def _evidence(flag: Flag, line: InUse | None) -> dict[str, Any]:
    """Value, line, zones, status, badge, version and alert lead, as they were on opening."""
    told: dict[str, Any] = {
        "value": flag.value,
        "since": flag.since.isoformat(),
        "zone_left": flag.zone_left,
        "zone_entered": flag.zone_entered,
        "threshold": flag.threshold,
        **({} if line is None else For(line.asked, line.segment).content),
    }
    if line is not None and line.asked != "renew":
        named = dict(
            zip(("at risk", "in between", "healthy"), question(line.asked).zones, strict=True)
        )
        told |= {n: named.get(str(told[n]), told[n]) for n in ("zone_left", "zone_entered")}
    if line is None:
        return told | {"line": flag.line}
    return told | {
        "line": line.words(line.at_risk),
        "exit": line.words(line.exits),
        "patience": line.patience,
        "origin": line.origin,
        "status": line.status,
        "says": line.says,
        "badge": line.badge,
        "zones": line.evidence.get("zones"),
        "alert_lead": line.alert_lead,
    }


def opened_from(row: Mapping[str, Any]) -> Flag:
    """The flag of a kept row that is open."""
    told = json.loads(row["evidence"] or "{}")
    return Flag(
        str(row["metric_id"]),
        row["raised_date"],
        date.fromisoformat(told.get("since", row["raised_date"].isoformat())),
        float(told.get("value", "nan")),
        str(told.get("line", "")),
        told.get("zone_left", "unknown"),
        told.get("zone_entered", "unknown"),
        str(told.get("threshold", "")),
    )
