"""The days a history is read on, as a relation: a row per as_of, a column for each thing that depends on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

from sqlglot import exp

from tenure.kernel.days import ONE_DAY, add_months, month_start
from tenure.kernel.errors import UserError

Step = Literal["day", "week", "month"]
STEPS: tuple[Step, ...] = ("day", "week", "month")
AS_OF = "@0"
SUNDAY = 6


def as_ofs(step: Step, first: date, last: date) -> tuple[date, ...]:
    """The days from `first` to `last`, both included: every day, every Sunday, or every month's last day.

    A week ends on Sunday, as an ISO week does, so that a weekly reading sees complete weeks.

    Raises:
        UserError: `last` lies before `first`.
    """
    if last < first:
        raise UserError(
            f"A history from {first} to {last} holds no day.",
            remedy="Name the earlier day first.",
            code="history.empty",
        )
    if step == "month":
        ends, end = [], add_months(month_start(first), 1) - ONE_DAY
        while end <= last:
            ends.append(end)
            end = add_months(month_start(end), 2) - ONE_DAY
        return tuple(ends)
    day = first + timedelta(days=SUNDAY - first.weekday()) if step == "week" else first
    stride = timedelta(days=7 if step == "week" else 1)
    found = []
    while day <= last:
        found.append(day)
        day += stride
    return tuple(found)


class Days:
    """The as-ofs with columns of days beside them. Not frozen: plans add columns until it is registered."""

    def __init__(self, days: Sequence[date]) -> None:
        self.as_ofs = tuple(days)
        self.columns: dict[tuple[date | None, ...], str] = {self.as_ofs: AS_OF}

    def column(self, values: Sequence[date | None]) -> exp.Expr:
        """The column that holds one day per as_of; equal columns are one."""
        kept = tuple(values)
        name = self.columns.setdefault(kept, f"@{len(self.columns)}")
        return exp.column(name, quoted=True)

    def given(self) -> dict[str, list[date | None]]:
        """The relation's columns."""
        return {name: list(values) for values, name in self.columns.items()}


Window = tuple[date, date]
"""First and last day, both included."""


def spread(as_ofs: Sequence[date], hulls: Sequence[Window]) -> dict[str, list[date]]:
    """Each civil day with the as-ofs whose window holds it: columns `@day` and `@as_of`."""
    found: dict[str, list[date]] = {"@day": [], "@as_of": []}
    for as_of, (first, last) in zip(as_ofs, hulls, strict=True):
        for day in _days(first, last):
            found["@day"].append(day)
            found["@as_of"].append(as_of)
    return found


def stretches(windows: Iterable[Window]) -> dict[str, list[date]]:
    """Days that every window holds together or not at all: columns `@day`, and `@first` of its stretch."""
    known = list(windows)
    edges = sorted({first for first, _ in known} | {last + ONE_DAY for _, last in known})
    found: dict[str, list[date]] = {"@day": [], "@first": []}
    for first, after in pairwise(edges):
        for day in _days(first, after - ONE_DAY):
            found["@day"].append(day)
            found["@first"].append(first)
    return found


def reached(as_ofs: Sequence[date]) -> dict[str, list[date]]:
    """Each civil day between the first and the last as_of with the one that sees it first: `@day`, `@as_of`."""
    found: dict[str, list[date]] = {"@day": [], "@as_of": []}
    for before, as_of in pairwise(as_ofs):
        for day in _days(before + ONE_DAY, as_of):
            found["@day"].append(day)
            found["@as_of"].append(as_of)
    return found


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += ONE_DAY
