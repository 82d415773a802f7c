"""One account up to the last day known: what it has used of its commitment, and the plain rate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from tenure.signals.usage.daily import Daily
from tenure.signals.usage.terms import Term
from tenure.signals.usage.told import RunRate

AHEAD_DAYS: Final = 365
"""So far a forecast looks where no end of the term is known."""
MOST_AHEAD: Final = 3 * 366


@dataclass(frozen=True, slots=True)
class SoFar:
    """Units used since the term began, up to and with `known_until`; `ran_out` is the day they reached the commitment.

    `days_unknown` days of them count as the mean of the others; `per_day` is the mean of the last 28 days.
    """

    term: Term
    known_until: date
    used: float
    days_unknown: int
    ran_out: date | None
    per_day: float
    notes: tuple[str, ...]

    @property
    def left(self) -> float | None:
        """Units of the commitment not used yet; None without a commitment."""
        committed = self.term.committed
        return None if not committed else max(committed - self.used, 0.0)

    @property
    def used_share(self) -> float | None:
        """Used, of what was committed to."""
        return self.used / self.term.committed if self.term.committed else None

    @property
    def days_ahead(self) -> int:
        """Days to come before the term's end; a year where none is known."""
        if self.term.end is None:
            return AHEAD_DAYS
        return min(max((self.term.end - self.known_until).days - 1, 0), MOST_AHEAD)

    def run_rate(self) -> RunRate:
        """The catalogue's plain burn, as its `burn_rate_forecast` has it."""
        per_day, end, runs_out = self.per_day, self.term.end, None
        if self.left == 0:
            runs_out = self.known_until
        elif self.left is not None and per_day > 0:
            wait = math.ceil(self.left / per_day)
            if wait <= (date.max - self.known_until).days:
                runs_out = self.known_until + timedelta(days=wait)
        if end is None:
            return RunRate(per_day, runs_out, None, None)
        at_end = self.used + per_day * max((end - self.known_until).days - 1, 0)
        committed = self.term.committed
        return RunRate(per_day, runs_out, at_end, at_end / committed if committed else None)


def so_far(use: Daily, row: int, term: Term, per_day: float) -> SoFar:
    """One account's use in its term; before its first row nothing was used."""
    begin = int(use.begins()[row])
    start = begin if term.start is None else (term.start - use.first).days
    first = max(start, begin, 0)
    days = use.values[row, first:]
    known = ~np.isnan(days)
    usual = float(days[known].mean()) if known.any() else 0.0
    total = np.cumsum(np.where(known, days, usual))
    used = float(total[-1]) if len(total) else 0.0
    ran_out = None
    if term.committed and used >= term.committed:
        ran_out = use.day(first + int(np.argmax(total >= term.committed)))
    unknown = int((~known).sum())
    notes = []
    if start < 0:
        notes.append(
            f"Use is known from {use.first}, and the term began on {term.start}: what was used before is not in it."
        )
    if unknown:
        told = "1 day of the term is" if unknown == 1 else f"{unknown:,} days of the term are"
        notes.append(f"{told} unknown: the mean of the others is taken.")
    rate = 0.0 if math.isnan(per_day) else per_day
    return SoFar(term, use.last, used, unknown, ran_out, rate, tuple(notes))
