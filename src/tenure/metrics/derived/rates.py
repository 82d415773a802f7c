"""Exchange rates as facts: one unit of `from` is `rate` units of `to`, known on `rate_date` (G4)."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

MAX_AGE_DAYS = 7
ONE = Decimal(1)


class MissingRate(Exception):
    """No rate for a pair on or up to 7 days before a day: the number is withheld, not guessed."""

    def __init__(self, from_currency: str, to_currency: str, day: date) -> None:
        """Keep pair and day apart for the finding."""
        self.from_currency, self.to_currency, self.day = from_currency, to_currency, day
        super().__init__(f"{from_currency} to {to_currency} on {day}")


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates by pair, each sorted by day."""

    by_pair: Mapping[tuple[str, str], tuple[list[date], list[Decimal]]]

    def rate(self, from_currency: str, to_currency: str, day: date) -> Decimal:
        """The newest rate on or before `day`, at most 7 days old; the inverse pair serves if it must.

        Raises:
            MissingRate: neither direction has one.
        """
        if from_currency == to_currency:
            return ONE
        direct = self._newest(from_currency, to_currency, day)
        if direct is not None:
            return direct
        inverse = self._newest(to_currency, from_currency, day)
        if inverse is not None:
            return ONE / inverse
        raise MissingRate(from_currency, to_currency, day)

    def _newest(self, from_currency: str, to_currency: str, day: date) -> Decimal | None:
        days, values = self.by_pair.get((from_currency, to_currency), ([], []))
        place = bisect_right(days, day) - 1
        if place < 0 or (day - days[place]).days > MAX_AGE_DAYS:
            return None
        return values[place]


def rates_from(rows: Iterable[Mapping[str, Any]]) -> Rates:
    """Rates from fx_rates rows."""
    collected: dict[tuple[str, str], list[tuple[date, Decimal]]] = defaultdict(list)
    for row in rows:
        collected[row["from_currency"], row["to_currency"]].append((row["rate_date"], row["rate"]))
    sorted_pairs = {}
    for pair, values in collected.items():
        values.sort()
        sorted_pairs[pair] = ([day for day, _ in values], [rate for _, rate in values])
    return Rates(sorted_pairs)
