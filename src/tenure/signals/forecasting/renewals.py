"""Plain tables of renewals, coming and past: probabilities, exact amounts, outcomes, people's calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np

from tenure.kernel.errors import UserError
from tenure.signals.forecasting.settled import Settled
from tenure.signals.forecasting.shock import Past
from tenure.signals.forecasting.sizes import Moves
from tenure.signals.health_score.inputs import Floats
from tenure.signals.plain import Plain


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns are called.

    `account`, `arr` and `p_churn` must be there; past renewals also need `period` and `outcome` (1 left, 0 stayed), and `after` (ARR after the renewal) where
    amounts are to move. A renewal to come with `after` is settled, by signature or by notice, and needs no probability.
    """

    account: str = "account"
    arr: str = "arr"
    p_churn: str = "p_churn"
    segment: str = "segment"
    call: str = "call"
    period: str = "period"
    outcome: str = "outcome"
    after: str = "after"


@dataclass(frozen=True, slots=True, eq=False)
class Renewals:
    """Renewals read. `outcome` and `after` are NaN where not known, `period` empty for those to come."""

    accounts: list[str]
    arr: list[Decimal]
    p: Floats
    segments: list[str]
    words: list[str]
    periods: list[str]
    outcome: Floats
    after: Floats

    def __len__(self) -> int:
        return len(self.p)

    @property
    def amount(self) -> Floats:
        """The amounts as float, for the draws alone."""
        return np.array([float(a) for a in self.arr])

    def of(self, periods: Sequence[str]) -> Renewals:
        """Only the renewals of these periods."""
        wanted = set(periods)
        return self._some([i for i, one in enumerate(self.periods) if one in wanted])

    def _some(self, some: list[int]) -> Renewals:
        return Renewals(
            [self.accounts[i] for i in some],
            [self.arr[i] for i in some],
            self.p[some],
            [self.segments[i] for i in some],
            [self.words[i] for i in some],
            [self.periods[i] for i in some],
            self.outcome[some],
            self.after[some],
        )

    def open(self) -> Renewals:
        """Renewals to come whose outcome is not known yet."""
        return self._some(np.flatnonzero(np.isnan(self.after)).tolist())

    def settled(self) -> Settled:
        """The sums of those whose outcome is known already."""
        some = ~np.isnan(self.after)
        before, after = self.amount[some], self.after[some]
        kept = float(np.minimum(before, after).sum())
        return Settled(float(before.sum()), kept, float(after.sum()))

    def by_period(self) -> list[Past]:
        """Outcomes by period, in order."""
        of = np.asarray(self.periods)
        return [
            Past(self.p[of == one], self.outcome[of == one]) for one in sorted(set(of.tolist()))
        ]

    def moves(self) -> Moves | None:
        """How the amounts of renewals that stayed moved; None where no amount afterwards is known."""
        amount = self.amount
        some = (self.outcome == 0) & ~np.isnan(self.after) & (amount > 0)
        if not some.any():
            return None
        segments = tuple(s for s, kept in zip(self.segments, some.tolist(), strict=True) if kept)
        return Moves(self.after[some] / amount[some], segments)

    def grr(self) -> float:
        """What the renewals kept: the smaller of before and after, nothing where it left."""
        amount = self.amount
        after = np.where(np.isnan(self.after), amount, np.minimum(self.after, amount))
        return float((after * (self.outcome == 0)).sum() / amount.sum())


def read_renewals(frame: Any, columns: Columns, *, past: bool) -> Renewals:
    """The table read.

    Raises:
        UserError: an amount or a probability is missing or impossible, or a past renewal has no outcome.
    """
    table = Plain(frame)
    there = set(table.names)
    p = table.numbers(columns.p_churn)
    after = table.numbers(columns.after) if columns.after in there else np.full(len(table), np.nan)
    _all(
        p,
        ((p > 0) & (p < 1)) | (not past and ~np.isnan(after)),
        columns.p_churn,
        "a probability above 0 and below 1",
        code="forecast.p",
    )
    arr = [_money(v, columns.arr, row) for row, v in enumerate(table.column(columns.arr))]
    count = len(table)
    none, blank = np.full(count, np.nan), [""] * count
    outcome, periods = none, blank
    if past:
        outcome, periods = table.numbers(columns.outcome), table.words(columns.period)
        _all(
            outcome,
            (outcome == 0) | (outcome == 1),
            columns.outcome,
            "1 or 0",
            code="forecast.outcome",
        )
    return Renewals(
        table.words(columns.account) if columns.account in there or not past else blank,
        arr,
        p,
        table.words(columns.segment) if columns.segment in there else blank,
        table.words(columns.call) if columns.call in there else blank,
        periods,
        outcome,
        after,
    )


def _all(values: Floats, good: Any, name: str, wanted: str, *, code: str) -> None:
    if not good.all():
        row = int(np.argmin(good))
        raise UserError(
            f"The column `{name}` holds {values[row]:g} in row {row + 1}, where {wanted} is needed.",
            remedy="Give it, or leave the row out and say so beside the number.",
            code=code,
        )


def _money(value: Any, name: str, row: int) -> Decimal:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found < 0:
        raise UserError(
            f"The column `{name}` holds {value!r} in row {row + 1}, which is no amount of at least 0.",
            remedy="Give the yearly amount before the renewal, with a point and without a sign.",
            code="forecast.amount",
        )
    return found
