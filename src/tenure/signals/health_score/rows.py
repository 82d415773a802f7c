"""A plain table as rows to learn from and rows to score: one row per account and date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from tenure.kernel.errors import UserError
from tenure.signals.health_score.inputs import Floats
from tenure.signals.health_score.learn import Training
from tenure.signals.plain import Plain


@dataclass(frozen=True, slots=True)
class Names:
    """What the columns of a plain table are called. `account`, `landmark` and `outcome` must be there.

    `outcome` is 1 where the event came within the horizon, 0 where it did not, empty where it is not known yet.
    `said` is the team's own score (0 to 100) or colour, `previous` the last score shown, `event_on` the day of the
    event, `arr` what the account pays a year.
    """

    account: str = "account"
    landmark: str = "landmark"
    outcome: str = "outcome"
    segment: str = "segment"
    arr: str = "arr"
    said: str = "said"
    previous: str = "previous"
    event_on: str = "event_on"

    def all(self) -> set[str]:
        """Every column that is no metric."""
        return {getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True, slots=True)
class Rows:
    """The table read: all its rows, which of them have an outcome, and the optional columns."""

    all: Training
    metrics: tuple[str, ...]
    segment: list[str]
    said: list[str]
    arr: Floats
    previous: Floats
    event_on: Any

    @property
    def known(self) -> Any:
        """Rows whose outcome is known."""
        return ~np.isnan(self.all.y)

    @property
    def training(self) -> Training:
        """The rows whose outcome is known."""
        return self.all.rows(self.known)


def read_rows(frame: Any, names: Names, metrics: Sequence[str] | None) -> Rows:
    """The table as rows.

    Raises:
        UserError: an outcome is neither 0 nor 1, a row lacks its account or day, or an account stands twice on a
            landmark; `UnknownName` where a column is not there.
    """
    table = Plain(frame)
    if metrics is None:
        metrics = [name for name in table.names if name not in names.all()]
    y = table.numbers(names.outcome)
    odd = ~np.isnan(y) & (y != 0) & (y != 1)
    if odd.any():
        raise UserError(
            f"The column `{names.outcome}` holds {y[odd][0]:g} in row {int(np.argmax(odd)) + 1}.",
            remedy="Write 1 where the event came, 0 where it did not, nothing where it is not known.",
            code="score.outcome",
        )
    accounts, days = table.words(names.account), table.days(names.landmark)
    _once(accounts, days)
    values = {name: table.numbers(name) for name in metrics}
    there = set(table.names)
    empty, blank = np.full(len(table), np.nan), [""] * len(table)
    return Rows(
        Training(values, y, accounts, days),
        tuple(metrics),
        table.words(names.segment) if names.segment in there else blank,
        table.words(names.said) if names.said in there else blank,
        table.numbers(names.arr) if names.arr in there else empty,
        table.numbers(names.previous) if names.previous in there else empty,
        table.days(names.event_on) if names.event_on in there else None,
    )


def _once(accounts: list[str], days: Any) -> None:
    seen: set[tuple[str, str]] = set()
    for row, key in enumerate(zip(accounts, days.astype(str).tolist(), strict=True)):
        if not key[0] or key[1] == "NaT":
            raise UserError(
                f"Row {row + 1} has no account or no day.",
                remedy="Give every row its account and the day it was read on.",
                code="score.row",
            )
        if key in seen:
            raise UserError(
                f"The account `{key[0]}` stands twice on {key[1]}, again in row {row + 1}.",
                remedy="Give one row per account and day; a decision counted twice looks like evidence.",
                code="score.twice",
            )
        seen.add(key)
