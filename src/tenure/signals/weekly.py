"""Long tables of readings as one row per account and one column per week, and the weeks in which accounts left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tenure.kernel.errors import UserError
from tenure.signals.plain import Plain

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

NEVER: Final = 10**6
"""The week of an exit that has not happened."""
_A_MONDAY: Final = np.datetime64("1970-01-05", "D")


@dataclass(frozen=True, slots=True)
class Weekly:
    """One row per account (sorted by id), one column per week from the Monday `first`; missing is NaN.

    A week's value is its last known reading.
    """

    accounts: tuple[str, ...]
    first: date
    values: Floats

    @property
    def weeks(self) -> int:
        """How many weeks."""
        return int(self.values.shape[1])

    def monday(self, week: int) -> date:
        """The first day of a week."""
        return self.first + timedelta(weeks=week)

    def week(self, day: date) -> int:
        """The week a day lies in; may lie outside the table."""
        return (day - self.first).days // 7

    def exits(self, left: Mapping[str, date | None]) -> Ints:
        """The week in which each account decided to leave; NEVER where it did not. May lie outside the table."""
        found = np.full(len(self.accounts), NEVER)
        for row, account in enumerate(self.accounts):
            day = left.get(account)
            if day is not None:
                found[row] = self.week(day)
        return found


def since(values: Floats) -> Ints:
    """The week of each row's first reading; NEVER where it has none."""
    known = ~np.isnan(values)
    return np.where(known.any(axis=1), known.argmax(axis=1), NEVER)


def weekly(frame: Any, *, account: str, time: str, value: str) -> Weekly:
    """Readings of a long table by account and week.

    Args:
        frame: one row per reading; see `Plain`.
        account: the column with the account; a spell, where accounts come back.
        time: the column with the day.
        value: the column with the number.

    Raises:
        UserError: no row has an account and a day, or a column does not hold what it should.
    """
    plain = frame if isinstance(frame, Plain) else Plain(frame)
    words, days, numbers = plain.words(account), plain.days(time), plain.numbers(value)
    present = ~np.isnat(days) & (np.array(words, dtype=object) != "")
    if not present.any():
        raise UserError(
            f"No row has both `{account}` and `{time}`.",
            remedy="Give one row per account and day, or name the right columns.",
            code="table.empty",
        )
    names = sorted({w for w, p in zip(words, present, strict=True) if p})
    place = {name: row for row, name in enumerate(names)}
    rows = np.array([place.get(w, -1) for w in words])
    weeks = (days - _A_MONDAY).astype("timedelta64[D]").astype(int) // 7
    start, end = int(weeks[present].min()), int(weeks[present].max())
    values = np.full((len(names), end - start + 1), np.nan)
    known = np.flatnonzero(present & ~np.isnan(numbers))
    known = known[np.argsort(days[known], kind="stable")]  # the last reading of a week is set last
    values[rows[known], weeks[known] - start] = numbers[known]
    return Weekly(tuple(names), (_A_MONDAY + 7 * start).item(), values)


def left_on(frame: Any, churned: str | Mapping[str, Any], *, account: str) -> dict[str, date]:
    """The day on which each account decided to leave, of a column of the table or of a mapping by account.

    Raises:
        UserError: one account has two different days.
    """
    plain = frame if isinstance(frame, Plain) else Plain(frame)
    if isinstance(churned, Mapping):
        given = Plain({"account": list(churned), "churned": list(churned.values())})
        pairs = zip(given.words("account"), given.days("churned"), strict=True)
    else:
        pairs = zip(plain.words(account), plain.days(churned), strict=True)
    found: dict[str, date] = {}
    for name, day in pairs:
        if np.isnat(day):
            continue
        if found.setdefault(name, day.item()) != day.item():
            raise UserError(
                f"The account `{name}` left on {found[name]} and on {day}.",
                remedy="Give a returning account an id per stay.",
                code="table.two_exits",
            )
    return found
