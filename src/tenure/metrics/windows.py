"""`when`: which days of a fact a measure looks at, in words a person reads.

    usage_date in period                       the days of the period, as far as as_of
    usage_date in last window_days days        as_of and the days before it, as many as said
    usage_date in previous window_days days    as many days again, before those
    event_date in last validity_months months  back to the same day so many months earlier, without it
    occurred_at until as_of                    everything that has happened by as_of
    start_date to end_date in force            started, and not ended, on as_of

Kept as structure, not as a condition, so that a history can be planned over many days at once. A moment
is read as its civil day in the workspace's time zone (metrics 8.3, G1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from sqlglot import exp

from tenure.facts.table import ColumnType
from tenure.kernel.days import add_months
from tenure.kernel.errors import DeclarationError, UnknownName

FORMS = (
    "DAY in period",
    "DAY in last N days",
    "DAY in previous N days",
    "DAY in last N months",
    "DAY until as_of",
    "START to END in force",
)
_PATTERNS = {
    "period": r"(?P<column>\w+) in period",
    "last": r"(?P<column>\w+) in last (?P<length>\w+) days",
    "previous": r"(?P<column>\w+) in previous (?P<length>\w+) days",
    "months": r"(?P<column>\w+) in last (?P<length>\w+) months",
    "until": r"(?P<column>\w+) until as_of",
    "in_force": r"(?P<column>\w+) to (?P<end>\w+) in force",
}


@dataclass(frozen=True, slots=True)
class When:
    """One window: its kind, the day's column, the end's column, and the length (a number or a parameter)."""

    kind: Literal["period", "last", "previous", "months", "until", "in_force"]
    column: str
    end: str = ""
    length: str = ""

    def bounds(self, known: Mapping[str, Any]) -> tuple[date | None, date]:
        """First day (None: no beginning) and last day, both included, of a window of days."""
        as_of: date = known["as_of"]
        if self.kind == "period":
            last = known["period_end"] - timedelta(days=1)
            return known["period_start"], min(as_of, last)
        if self.kind in ("until", "in_force"):
            return None, as_of
        length = int(self.length) if self.length.isdecimal() else int(known[self.length])
        if self.kind == "months":
            return add_months(as_of, -length) + timedelta(days=1), as_of
        last = as_of - timedelta(days=length if self.kind == "previous" else 0)
        return last - timedelta(days=length - 1), last

    def condition(
        self,
        first: exp.Expr | None,
        last: exp.Expr,
        types: Mapping[str, ColumnType],
        zone: str,
    ) -> exp.Expr:
        """The window from `first` to `last` as a condition over the fact's rows."""
        day = civil_day(self.column, types[self.column], zone)
        met: exp.Expr = exp.LTE(this=day, expression=last)
        if first is not None:
            met = exp.and_(exp.GTE(this=day.copy(), expression=first), met)
        if self.kind == "in_force":
            end = civil_day(self.end, types[self.end], zone)
            is_open = exp.Is(this=end, expression=exp.Null())
            runs_on = exp.GT(this=end.copy(), expression=last.copy())
            met = exp.and_(met, exp.or_(is_open, runs_on))
        return met


def read_when(
    text: str,
    types: Mapping[str, ColumnType],
    numbers: Mapping[str, Any],
    *,
    has_period: bool,
    where: str,
) -> When:
    """The window that `text` says.

    Raises:
        DeclarationError: none of the forms; no such column; not a day; no such number; no period to be in.
    """
    words = " ".join(text.split())
    for kind, pattern in _PATTERNS.items():
        found = re.fullmatch(pattern, words)
        if found is None:
            continue
        when = When(kind, **found.groupdict())  # type: ignore[arg-type]  # the keys of _PATTERNS
        for column in filter(None, (when.column, when.end)):
            _check_day(column, types, where)
        if when.length and not when.length.isdecimal() and when.length not in numbers:
            known = UnknownName("parameter with a number", when.length, numbers)
            raise DeclarationError(known.what, where=where, remedy=known.remedy, code="when.length")
        if kind == "period" and not has_period:
            raise DeclarationError(
                f"`{text}` asks for a period, but the metric has none.",
                where=where,
                remedy='Add `period = "quarter"`, or use another window.',
                code="when.period",
            )
        return when
    raise DeclarationError(
        f"`{text}` says no window.",
        where=where,
        remedy="Write one of: " + "; ".join(FORMS) + ".",
        code="when.unreadable",
    )


def _check_day(column: str, types: Mapping[str, ColumnType], where: str) -> None:
    days = [name for name, kind in types.items() if kind in ("date", "timestamp")]
    if column not in types:
        known = UnknownName("column with a day", column, days)
        raise DeclarationError(known.what, where=where, remedy=known.remedy, code="expression.name")
    if column not in days:
        raise DeclarationError(
            f"`{column}` holds no day.",
            where=where,
            remedy="Days are in: " + ", ".join(f"`{name}`" for name in days) + ".",
            code="when.not_a_day",
        )


def civil_day(column: str, kind: ColumnType, zone: str) -> exp.Expr:
    """The column's civil day in `zone`; moments are stored as UTC."""
    found: exp.Expr = exp.column(column, quoted=True)
    if kind != "timestamp":
        return found
    if zone != "UTC":
        utc = exp.AtTimeZone(this=found, zone=exp.Literal.string("UTC"))
        found = exp.AtTimeZone(this=utc, zone=exp.Literal.string(zone))
    return exp.cast(found, "date")
