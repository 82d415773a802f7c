"""Use by account and day, with the days nobody knows left unknown.

A day without a row is a day without use, once the account has begun: sources deliver what was used, not what was not. Two
things are no zeros: a row whose number is empty, and a day on which nobody at all is in the table although five
accounts or more are there on such weekdays; then the source was silent. Decision: a-day-without-a-row-is-no-use.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tenure.kernel.errors import UserError
from tenure.signals.plain import Plain
from tenure.signals.trajectory import row_median
from tenure.signals.weekly import Floats, Ints

WEEK: Final = 7
USUALLY_THERE: Final = 5
"""So many accounts on a weekday (median of 8 weeks before and after) make a day without any a silent source."""
WEEKS_AROUND: Final = 8


@dataclass(frozen=True, slots=True)
class Daily:
    """One row per account (sorted by id), one column per day from `first`; NaN before its first row and where unknown.

    `last` is the table's last day with any row, so nobody's silence after it is a zero.
    """

    accounts: tuple[str, ...]
    first: date
    values: Floats

    @property
    def days(self) -> int:
        """How many days."""
        return int(self.values.shape[1])

    @property
    def last(self) -> date:
        """The last day delivered."""
        return self.day(self.days - 1)

    def day(self, place: int) -> date:
        """The day of a column."""
        return self.first + timedelta(days=place)

    def begins(self) -> Ints:
        """The column of each account's first row."""
        known = ~np.isnan(self.values)
        return np.where(known.any(axis=1), known.argmax(axis=1), self.days)


def daily(frame: Any, *, account: str, day: str, value: str, as_of: date | None = None) -> Daily:
    """Use by account and day of a long table; several rows of a day add up.

    Args:
        frame: one row per account and day, or finer; see `Plain`.
        account: the column with the account.
        day: the column with the day.
        value: the column with what was used; 0 or more.
        as_of: later rows are not read.

    Raises:
        UserError: no row has an account and a day, a number is below zero, or a column does not hold what it should.
    """
    plain = frame if isinstance(frame, Plain) else Plain(frame)
    words, days, numbers = plain.words(account), plain.days(day), plain.numbers(value)
    below = np.flatnonzero(numbers < 0)
    if len(below):
        raise UserError(
            f"The column `{value}` holds {numbers[below[0]]:g} in row {below[0] + 1}: use cannot be below zero.",
            remedy="Leave corrections out, or take them off the day they correct.",
            code="usage.negative",
        )
    there = ~np.isnat(days) & (np.array(words, dtype=object) != "")
    if as_of is not None:
        there &= days <= np.datetime64(as_of, "D")
    if not there.any():
        raise UserError(
            f"No row has both `{account}` and `{day}`"
            + (f" up to {as_of}." if as_of is not None else "."),
            remedy="Give one row per account and day, or name the right columns.",
            code="table.empty",
        )
    return laid_out(
        [word for word, ok in zip(words, there, strict=True) if ok], days[there], numbers[there]
    )


def laid_out(
    names: Sequence[str],
    days: NDArray[np.datetime64],
    numbers: Floats,
    *,
    last: date | None = None,
    more: Collection[str] = (),
) -> Daily:
    """Rows of an account, a day and a number (NaN: not known) as one row per account.

    Args:
        names: whose.
        days: when.
        numbers: how much.
        last: the last day delivered, where others than these tell it.
        more: accounts that have a row even if nothing is known of them.
    """
    accounts = sorted(set(names) | set(more))
    place = {name: row for row, name in enumerate(accounts)}
    first = days.min()
    end = days.max() if last is None else max(days.max(), np.datetime64(last, "D"))
    shape = (len(accounts), int((end - first).astype(int)) + 1)
    rows = np.array([place[name] for name in names])
    values = _cells(rows, (days - first).astype(int), numbers, shape)
    return Daily(tuple(accounts), first.item(), values)


def _cells(rows: Ints, columns: Ints, numbers: Floats, shape: tuple[int, int]) -> Floats:
    known = ~np.isnan(numbers)
    delivered, told = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    delivered[rows, columns] = True
    told[rows[known], columns[known]] = True
    values = np.zeros(shape)
    np.add.at(values, (rows[known], columns[known]), numbers[known])
    begun = np.maximum.accumulate(told, axis=1)
    unknown = ~begun | (delivered & ~told) | _silent(delivered.sum(axis=0))
    return np.where(unknown, np.nan, values)


def _silent(there: Ints) -> Any:
    """The days on which nobody is in the table, though usually five accounts or more are on such a weekday."""
    days = len(there)
    around = [k * WEEK for k in range(-WEEKS_AROUND, WEEKS_AROUND + 1) if k]
    places = np.arange(days)[:, None] + np.array(around)
    inside = (places >= 0) & (places < days)
    usual = row_median(np.where(inside, there[np.where(inside, places, 0)], np.nan))
    return (there == 0) & (usual >= USUALLY_THERE)
