"""Days to the first result: avg_time_to_first_value and time_to_value. Two anchors, two metrics (metrics.md B3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from statistics import median
from typing import Any

from tenure.kernel.days import Period
from tenure.kernel.unknown import Reason
from tenure.kernel.wording import counted
from tenure.metrics.answers.coverage import period_before
from tenure.metrics.answers.opening import by_cut
from tenure.metrics.answers.trend import trend
from tenure.metrics.asked import Asked, Cut, Note, Result
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.reading import Reading


@dataclass(frozen=True, slots=True)
class Clock:
    """One account's days: where the clock starts, and the first value."""

    account_id: str
    anchor: date | None
    first_value: date | None
    source: SourceRow

    @property
    def days(self) -> int | None:
        """Days from the anchor to the first value; None where either is not known."""
        if self.anchor is None or self.first_value is None:
            return None
        return (self.first_value - self.anchor).days

    def is_open(self, day: date) -> bool:
        """Whether the clock runs on the day: started, and no first value yet."""
        is_started = self.anchor is not None and self.anchor <= day
        return is_started and (self.first_value is None or self.first_value > day)


def _clocks(reading: Reading, asked: Asked, anchor: str) -> list[Clock]:
    made = reading.relation("onboarding_clocks", asked.known)
    chosen = set(reading.begun_accounts(asked))
    return [
        Clock(
            account_id, start, reached, SourceRow("onboarding_milestones", account_id, file, line)
        )
        for account_id, start, reached, file, line in reading.query(
            f"select account_id, {anchor}, first_value, source_file, source_line from {made} "  # noqa: S608 - our own names
            "order by account_id"
        )
        if account_id in chosen
    ]


def _reached(clocks: Iterable[Clock], period: Period, as_of: date) -> list[Clock]:
    """Those whose first value came in the period and by as_of, with a clock that does not run backwards."""
    last = min(as_of, period.last_day)
    return [
        c
        for c in clocks
        if c.first_value is not None
        and period.start <= c.first_value <= last
        and c.days is not None
        and c.days >= 0
    ]


def _mean(clocks: Sequence[Clock]) -> float | None:
    days = [c.days for c in clocks if c.days is not None]
    return float(Fraction(sum(days), len(days))) if days else None


def _median(clocks: Sequence[Clock]) -> float | None:
    days = [c.days for c in clocks if c.days is not None]
    return float(median(days)) if days else None


def _parts(clocks: Sequence[Clock], asked: Asked) -> dict[str, Any]:
    """What is told of some accounts: days of those that got there, and how many have not yet."""
    reached = _reached(clocks, asked.period, asked.as_of)
    parts: dict[str, Any] = {"n": len(reached), "median": _median(reached)}
    if asked.metric == "avg_time_to_first_value":
        parts["open_accounts"] = sum(1 for c in clocks if c.is_open(asked.day))
    return parts


def _answer(reading: Reading, asked: Asked, clocks: Sequence[Clock]) -> Result:
    reached = _reached(clocks, asked.period, asked.as_of)
    value = _mean(reached)
    reasons: dict[str, Reason] = {} if reached else {"median": "undefined"}
    of = {c.account_id: c for c in clocks if c in reached or c.is_open(asked.day)}
    cuts = []
    for key, own in by_cut(reading, asked, of).items():
        few = [of[a] for a in own]
        mean = _mean(_reached(few, asked.period, asked.as_of))
        parts = _parts(few, asked)
        cuts.append(Cut(key, mean, parts["n"], parts, None if mean is not None else "undefined"))
    return Result(
        value=value,
        unknown=None if value is not None else "undefined",
        components=_parts(clocks, asked),
        reasons=reasons,
        cuts=cuts,
        n=len(reached),
        notes=_notes(clocks, asked),
        rows=[c.source for c in reached],
    )


def avg_time_to_first_value(reading: Reading, asked: Asked) -> Result:
    """Mean days from the start of onboarding, of accounts that got there; the others are counted apart."""
    clocks = _clocks(reading, asked, "started")
    if asked.parameters["view"] == "trend":
        return _trend(clocks, asked)
    return _answer(reading, asked, clocks)


def _trend(clocks: Sequence[Clock], asked: Asked) -> Result:
    now = _reached(clocks, asked.period, asked.as_of)
    before = _reached(clocks, period_before(asked.period), asked.as_of)
    word = trend(
        _mean(before), _mean(now), asked.parameters["direction"], asked.parameters["dead_band"]
    )
    reasons: dict[str, Reason] = {} if word else {"trend": "undefined"}
    if not before:
        reasons["previous"] = "undefined"
    return Result(
        value=word,
        unknown=None if word else "undefined",
        components={"trend": word, "previous": _mean(before)},
        reasons=reasons,
        n=len(now),
        notes=_notes(clocks, asked),
        rows=[c.source for c in (*before, *now)],
    )


def time_to_value(reading: Reading, asked: Asked) -> Result:
    """Mean days from the signature of the account's first contract."""
    return _answer(reading, asked, _clocks(reading, asked, "signed"))


def _notes(clocks: Iterable[Clock], asked: Asked) -> list[Note]:
    period, last = asked.period, min(asked.as_of, asked.period.last_day)
    reached = [c for c in clocks if c.first_value and period.start <= c.first_value <= last]
    notes = []
    backwards = [c.account_id for c in reached if c.days is not None and c.days < 0]
    if backwards:
        notes.append(
            Note(
                "warning",
                "clock.backwards",
                f"{counted(len(backwards), 'account')} with a first value before the clock starts, left out: "
                + ", ".join(backwards[:5])
                + ("…" if len(backwards) > 5 else "."),
                "Check completed_date in onboarding_milestones.",
            )
        )
    unanchored = sum(1 for c in reached if c.anchor is None)
    if unanchored:
        notes.append(
            Note(
                "notice",
                "clock.no_start",
                f"{counted(unanchored, 'account')} reached a first value without a day to count from, left out.",
                "Fill onboarding_start in onboarding_milestones, or signed_date in contracts.",
            )
        )
    return notes
