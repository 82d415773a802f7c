"""Which accounts of a book to show, and in which order: the same choice for page, export and command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from tenure.insights.book import BookRow
from tenure.kernel.unknown import Unknown


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader asked for; an empty word asks for everything.

    `renews_in`, `past` and `untouched` are days: renewing within, past cadence by at least, without a touch for more
    than. `left` shows accounts whose contracts have all ended, in place of the others.
    """

    owner: str = ""
    zone: str = ""
    segment: str = ""
    tier: str = ""
    model: str = ""
    text: str = ""
    renews_in: int | None = None
    past: int | None = None
    untouched: int | None = None
    left: bool = False

    def said(self) -> list[str]:
        """The names of what was asked for, `owner` and `left` aside."""
        empty = Choice()
        names = [f.name for f in fields(self) if f.name not in ("owner", "left")]
        return [name for name in names if getattr(self, name) != getattr(empty, name)]


def chosen(rows: Iterable[BookRow], choice: Choice) -> list[BookRow]:
    """The rows that fit, in the order given."""
    tests = [test for name, test in _TESTS.items() if getattr(choice, name) not in ("", None)]
    return [
        row
        for row in rows
        if row.has_left is choice.left and all(test(row, choice) for test in tests)
    ]


def ordered(rows: Sequence[BookRow], name: str, *, falling: bool) -> list[BookRow]:
    """The rows by a column, unknown ones last whichever way; equal ones keep their order."""
    ask = KEYS.get(name) or (lambda row: row.numbers.get(name))
    values = [(row, _comparable(ask(row))) for row in rows]
    known = [pair for pair in values if pair[1] is not None]
    unknown = [row for row, value in values if value is None]
    known.sort(key=lambda pair: pair[1], reverse=falling)
    return [row for row, _ in known] + unknown


def unknown_in(rows: Iterable[BookRow], name: str) -> int:
    """How many rows have no value in a column."""
    ask = KEYS.get(name) or (lambda row: row.numbers.get(name))
    return sum(_comparable(ask(row)) is None for row in rows)


KEYS: dict[str, Callable[[BookRow], Any]] = {
    "account": lambda row: row.name.casefold(),
    "owner": lambda row: row.owner.casefold(),
    "segment": lambda row: row.segment,
    "tier": lambda row: row.tier,
    "health": lambda row: row.numbers.get("health_score"),
    "arr": lambda row: row.arr,
    "renewal": lambda row: row.numbers.get("days_to_renewal"),
    "touch": lambda row: row.numbers.get("days_since_last_touch"),
}
"""Columns of a book that are no metric's name."""


def _comparable(value: Any) -> Any:
    if value is None or isinstance(value, Unknown):
        return None
    return float(value) if isinstance(value, bool | int | float | Decimal) else value


def _up_to(row: BookRow, name: str, limit: int | None) -> bool:
    value = _comparable(row.numbers.get(name))
    return limit is None or (value is not None and 0 <= value <= limit)


def _from(row: BookRow, name: str, least: int | None) -> bool:
    value = _comparable(row.numbers.get(name))
    return least is None or (value is not None and value >= least)


def spelled(row: BookRow) -> str:
    """What letters are looked for in."""
    return f"{row.name} {row.account_id}".casefold()


_TESTS: dict[str, Callable[[BookRow, Choice], bool]] = {
    "owner": lambda row, choice: row.owner_id == choice.owner,
    "zone": lambda row, choice: row.zone == choice.zone,
    "segment": lambda row, choice: row.segment == choice.segment,
    "tier": lambda row, choice: row.tier == choice.tier,
    "model": lambda row, choice: row.model == choice.model,
    "renews_in": lambda row, choice: _up_to(row, "days_to_renewal", choice.renews_in),
    "past": lambda row, choice: _from(row, "days_past_cadence", choice.past),
    "untouched": lambda row, choice: _from(row, "days_since_last_touch", choice.untouched),
    "text": lambda row, choice: all(
        word in spelled(row) for word in choice.text.casefold().split()
    ),
}
"""What each word of a choice asks of a row; a word that is not said asks nothing."""
