"""What each account has committed to, from when until when, and what it pays for that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np

from tenure.kernel.errors import UserError
from tenure.signals.plain import Plain

Given = str | Mapping[str, Any] | float | Decimal | date | None
"""A column of the table (its last value counts), a mapping by account, or one value for all."""


@dataclass(frozen=True, slots=True)
class Term:
    """One account's commitment: units, first day, first day WITHOUT it, what it costs, and the account's segment."""

    committed: float | None = None
    start: date | None = None
    end: date | None = None
    price: Decimal | None = None
    segment: str = ""


def terms(
    plain: Plain, accounts: tuple[str, ...], *, account: str, day: str, given: Mapping[str, Given]
) -> tuple[Term, ...]:
    """The commitment of each account.

    Args:
        plain: the table of use.
        accounts: whose.
        account: the column with the account.
        day: the column with the day; of a column of commitments the last value by day counts.
        given: `committed`, `term_start`, `term_end`, `price` and `segment`, as far as named.

    Raises:
        UserError: units below zero, a term that ends before it starts, or a value that is no number, day or amount.
    """
    found = {name: by_account(plain, one, account, day) for name, one in given.items()}
    return tuple(_term(name, {what: of(name) for what, of in found.items()}) for name in accounts)


def by_account(plain: Plain, given: Given, account: str, day: str) -> Any:
    """A function from an account to its value, None where it has none."""
    if given is None:
        return lambda _name: None
    if isinstance(given, Mapping):
        return given.get
    if not isinstance(given, str):
        return lambda _name: given
    values, names, days = plain.column(given), plain.words(account), plain.days(day)
    last: dict[str, Any] = {}
    for row in np.argsort(days, kind="stable").tolist():
        if not _is_missing(values[row]):
            last[names[row]] = values[row]
    return last.get


def _is_missing(value: Any) -> bool:
    return value is None or value == "" or bool(value != value)


def _term(account: str, told: Mapping[str, Any]) -> Term:
    told = {name: None if _is_missing(value) else value for name, value in told.items()}
    one = Plain({name: [value] for name, value in told.items()})
    committed = float(one.numbers("committed")[0]) if told.get("committed") is not None else None
    start, end = (
        one.days(name)[0].item() if told.get(name) is not None else None
        for name in ("term_start", "term_end")
    )
    if committed is not None and committed < 0:
        raise _impossible(account, f"has committed to {committed:g} units", "Give 0 or more.")
    if start is not None and end is not None and end <= start:
        raise _impossible(
            account, f"has a term from {start} to {end}", "The end is the first day without it."
        )
    segment = told.get("segment")
    return Term(committed, start, end, _money(account, told.get("price")), str(segment or ""))


def _money(account: str, value: Any) -> Decimal | None:
    if value is None:
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise _impossible(account, f"pays `{value}`", "Write a plain number.") from error


def _impossible(account: str, says: str, remedy: str) -> UserError:
    return UserError(f"The account `{account}` {says}.", remedy=remedy, code="usage.commitment")
