"""How a file is to be read: what is declared about its bytes, numbers, dates and times."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cache
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol, get_group_symbol

from tenure.kernel.errors import UnknownName, UserError

DateOrder = Literal[
    "", "day_month", "month_day", "year_month",
    "day_month_year", "month_day_year", "year_month_day",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """What is declared about a file; an empty value means: not declared.

    `decimal` and `grouping` are the signs of numbers (by default `.` and none); `locale`, for example
    `de_DE`, looks both up. `date_order` is for dates with slashes, dots or dashes; ISO dates need
    none. `time_zone` is where times without an offset were local. `missing` lists words that mean
    "no value" beside the empty cell. `updated_at` names the source column that orders versions of a
    key, `recorded_at` the one that says when a fact became known. `own_id` names a source column
    that should be unique: collisions are shown, not resolved. `backfill_trusted` answers whether rows
    loaded late count as known on the day they speak of; None leaves it to the table.
    """

    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    grouping: str = ""
    locale: str = ""
    date_order: DateOrder = ""
    time_zone: str = ""
    missing: tuple[str, ...] = ()
    updated_at: str = ""
    recorded_at: str = ""
    own_id: str = ""
    backfill_trusted: bool | None = None

    @property
    def order(self) -> str:
        """`day_month`, `month_day`, `year_month`, or empty."""
        return "_".join(self.date_order.split("_")[:2])

    def signs(self) -> tuple[str, str]:
        """The decimal sign and the grouping sign (empty: none)."""
        decimal, grouping = _locale_signs(self.locale) if self.locale else (".", "")
        return self.decimal or decimal, self.grouping or grouping

    def over(self, below: Reading) -> Reading:
        """This reading, with what it leaves open taken from `below`."""
        values = {
            item.name: getattr(self, item.name)
            if getattr(self, item.name) not in ("", (), None)
            else getattr(below, item.name)
            for item in dataclasses.fields(Reading)
        }
        return Reading(**values)


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for a whole import.

    `reading` is the default for every file; `files` maps a file name or pattern to what was declared
    for it on the command line, and wins over a mapping, which wins over `reading`; `date_order` does
    the same for this one declaration. `source` names the source in the facts; empty: the mapping's id,
    or "files".
    """

    time_zone: str = "UTC"
    reading: Reading = Reading()
    files: Mapping[str, Reading] = field(default_factory=dict)
    date_order: Mapping[str, str] = field(default_factory=dict)
    source: str = ""

    def for_file(self, name: str, declared: Reading | None = None) -> Reading:
        """How the file `name` is read, `declared` being its mapping's word."""
        reading = self.reading
        if declared is not None:
            reading = declared.over(reading)
        orders = {p: Reading(date_order=known_order(o)) for p, o in self.date_order.items()}
        for pattern, own in [*self.files.items(), *orders.items()]:
            if fnmatch(name, pattern) or fnmatch(name.rsplit("/", 1)[-1], pattern):
                reading = own.over(reading)
        return checked(reading.over(Reading(time_zone=self.time_zone)), where=name)

    def digest(self) -> str:
        """The sha256 of everything here that changes what a file means."""
        text = json.dumps(_plain(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Dataclasses and mappings as JSON knows them."""
    if dataclasses.is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return list(value) if isinstance(value, tuple) else value


def checked(reading: Reading, *, where: str) -> Reading:
    """`reading`, or an error that says which declaration cannot be."""
    zones_and_signs(reading, where)
    if reading.delimiter and len(reading.delimiter) != 1:
        raise UserError(
            f"The delimiter `{reading.delimiter}` is not one character.", where=where,
            remedy="Write one character, for example delimiter = \";\" or \"\\t\".",
        )  # fmt: skip
    return reading


def known_order(order: str) -> DateOrder:
    """`order` as a declaration, or an error that lists the orders there are."""
    orders: tuple[DateOrder, ...] = get_args(DateOrder)
    if order not in orders:
        raise UnknownName("date order", order, [name for name in orders if name])
    return orders[orders.index(order)]


def zones_and_signs(reading: Reading, where: str) -> None:
    """Refuse a time zone or number signs that do not exist."""
    try:
        ZoneInfo(reading.time_zone or "UTC")
    except (KeyError, ValueError, OSError) as error:
        raise UserError(
            f"There is no time zone `{reading.time_zone}`.", where=where,
            remedy="Write an IANA name, for example Europe/Berlin.",
        ) from error  # fmt: skip
    decimal, grouping = reading.signs()
    if decimal not in (".", ",") or decimal == grouping:
        raise UserError(
            f"The decimal sign `{decimal}` with the grouping sign `{grouping}` cannot be read.",
            where=where, remedy="The decimal sign is `.` or `,`; the grouping sign another one.",
        )  # fmt: skip


@cache
def _locale_signs(locale: str) -> tuple[str, str]:
    try:
        known = Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError) as error:
        raise UserError(
            f"There is no locale `{locale}`.", remedy="Write one such as de_DE or fr_CH."
        ) from error
    return get_decimal_symbol(known), get_group_symbol(known)
