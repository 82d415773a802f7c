"""The days a history is read on, as a relation: a row per as_of, a column for each thing that depends on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
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


def spread(
    days: Sequence[date], firsts: Sequence[date | None], lasts: Sequence[date]
) -> dict[str, list[date]]:
    """For each civil day the as-ofs whose window holds it: columns `@day` and `@as_of`."""
    found: dict[str, list[date]] = {"@day": [], "@as_of": []}
    for as_of, first, last in zip(days, firsts, lasts, strict=True):
        day = first
        while day is not None and day <= last:
            found["@day"].append(day)
            found["@as_of"].append(as_of)
            day += ONE_DAY
    return found
