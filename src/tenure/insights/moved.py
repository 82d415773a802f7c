"""What moved an account: every number that changed beyond its dead band between two days that the history keeps.

The dead band of a number on a fixed scale is one point of a hundred of it, of any other number two per cent of what it
was; a metric that declares a `dead_band` has its own (decision: what-counts-as-moved).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tenure.insights.book import known
from tenure.kernel.unknown import Unknown
from tenure.metrics.declaration import Metric

Row = Mapping[str, Any]
POINT, SHARE = 0.01, 0.02
SCALES = {"ratio": 1.0, "0..100": 100.0, "-1..1": 2.0}
"""Units with a fixed scale, with its width."""
CHANGES = ("points",)
"""Units of numbers that are changes over time already: what they follow is told by itself."""
WORSE, BETTER = "worse", "better"


@dataclass(frozen=True, slots=True)
class Move:
    """One number on both days. `way` is `worse` or `better` where the metric says which way is good, else empty.

    `share` is the change in dead bands, None where one of both is Unknown; `note` what explains it away, if anything.
    """

    metric: str
    title: str
    says: str
    unit: str
    then: Any
    now: Any
    band: str
    way: str
    share: float | None
    note: str = ""
    course: Sequence[float | None] = ()

    @property
    def was_known(self) -> bool:
        """Whether there was a value then."""
        return not isinstance(self.then, Unknown)

    @property
    def is_known(self) -> bool:
        """Whether there is one now."""
        return not isinstance(self.now, Unknown)

    @property
    def low(self) -> float:
        """Of the course, for drawing."""
        return min((v for v in self.course if v is not None), default=0.0)

    @property
    def high(self) -> float:
        """Of the course, for drawing; above `low` always."""
        top = max((v for v in self.course if v is not None), default=1.0)
        return top if top > self.low else self.low + 1.0


@dataclass(frozen=True, slots=True)
class Moves:
    """What moved between two kept days, the largest moves for the worse first; how many stayed, or are Unknown on both."""

    then: date
    now: date
    moved: Sequence[Move]
    steady: int
    unknown: int

    @property
    def worse(self) -> int:
        """How many went the wrong way."""
        return sum(move.way == WORSE for move in self.moved)

    @property
    def better(self) -> int:
        """How many went the right way."""
        return sum(move.way == BETTER for move in self.moved)


def moves(rows: Sequence[Row], metrics: Iterable[Metric], then: date, now: date) -> Moves:
    """The moves of one account.

    Args:
        rows: its kept rows from `then` to `now`, both included, oldest first.
        metrics: those the rows hold.
        then: an as-of of the rows.
        now: a later one.
    """
    by_day = {row["as_of"]: row for row in rows}
    first, last = known(by_day[then]), known(by_day[now])
    found, steady, unknown = [], 0, 0
    for metric in metrics:
        if metric.id not in first or metric.unit.startswith(CHANGES):
            continue
        before, after = _value(first[metric.id]), _value(last[metric.id])
        if isinstance(before, Unknown) and isinstance(after, Unknown):
            unknown += 1
            continue
        move = _move(metric, before, after, (now - then).days)
        if move is None:
            steady += 1
        else:
            found.append(_with_course(move, [row.get(metric.id) for row in rows]))
    return Moves(then, now, sorted(found, key=_place), steady, unknown)


def _place(move: Move) -> tuple[bool, int, float, str]:
    order = (WORSE, BETTER, "")
    return bool(move.note), order.index(move.way), -(move.share or 0.0), move.title


def _value(value: Any) -> Any:
    return Unknown("no_data") if value is None else value


def _move(metric: Metric, before: Any, after: Any, elapsed: int) -> Move | None:
    """None where it stayed inside its band, or only counted down with the calendar."""
    if isinstance(before, Unknown) or isinstance(after, Unknown):
        return _made(metric, before, after, way="", share=None)
    if not (_is_number(before) and _is_number(after)):
        if before == after:
            return None
        return _made(metric, before, after, way=_way(metric, int(after is True) - int(before is True)), share=1.0)  # fmt: skip
    change = float(after) - float(before)
    band = _band(metric, float(before))
    if abs(change) <= band + 1e-9 or (metric.unit.startswith("days") and change == -elapsed):
        return None
    note = ""
    if metric.unit.startswith("days") and change == elapsed:
        note = "it only counted on"
    share = abs(change) / band if band else abs(change)
    return _made(metric, before, after, way=_way(metric, change), share=share, note=note)


def _made(
    metric: Metric, before: Any, after: Any, *, way: str, share: float | None, note: str = ""
) -> Move:
    return Move(metric.id, metric.title, metric.says, metric.unit, before, after, band_said(metric), way, share, note)  # fmt: skip


def _band(metric: Metric, before: float) -> float:
    declared = _declared(metric)
    if declared is not None:
        return declared * abs(before)
    width = _scale(metric)
    return POINT * width if width else SHARE * abs(before)


def band_said(metric: Metric) -> str:
    """The dead band in words."""
    declared = _declared(metric)
    if declared is None and _scale(metric):
        return "1 point of its scale"
    return f"{(SHARE if declared is None else declared) * 100:g} % of what it was"


def _declared(metric: Metric) -> float | None:
    parameter = metric.parameters.get("dead_band")
    return None if parameter is None else float(parameter.default)


def _scale(metric: Metric) -> float | None:
    return next((width for unit, width in SCALES.items() if metric.unit.startswith(unit)), None)


def _way(metric: Metric, change: float) -> str:
    if metric.better not in ("up", "down") or not change:
        return ""
    return BETTER if (change > 0) is (metric.better == "up") else WORSE


def _with_course(move: Move, values: Sequence[Any]) -> Move:
    course = [float(v) if _is_number(v) else None for v in values]
    known_ones = [v for v in course if v is not None]
    if len(known_ones) < 3:  # noqa: PLR2004 - two points say no more than then and now
        return move
    return Move(
        move.metric, move.title, move.says, move.unit, move.then, move.now, move.band, move.way, move.share,
        move.note, course,
    )  # fmt: skip


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def nearest(days: Sequence[date], since: date) -> tuple[date, date] | None:
    """The kept days between which is compared: the last on or before `since`, else the first, and the newest.

    None where fewer than two are kept.
    """
    if len(days) < 2:  # noqa: PLR2004 - then and now
        return None
    ordered = sorted(days)
    before = [day for day in ordered[:-1] if day <= since]
    return (before[-1] if before else ordered[0]), ordered[-1]
