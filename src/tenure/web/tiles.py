"""The four numbers above Today: each with what it counts beside it, and the rows of the Book behind it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from tenure.insights.today import Sums
from tenure.web.templatetags.shown import money


@dataclass(frozen=True, slots=True)
class Tile:
    """A number of a strip; without `url` it opens nothing."""

    label: str
    value: str
    note: str
    url: str = ""


def tiles(sums: Sums, owner: str, currency: str) -> list[Tile]:
    """The strip of a book.

    Args:
        sums: the numbers of the day.
        owner: whose book, or `everyone`.
        currency: of every amount.
    """
    at_stake = _accounts(sums.at_stake_accounts, sums.at_stake_unknown)
    without = f"{sums.without_plan} without a planned cadence"
    return [
        Tile(
            "At risk, decision near",
            money(sums.at_stake, currency),
            f"{at_stake}; 180 days for enterprise, 90 for others",
            _book(owner, zone="at_risk"),
        ),
        Tile(
            "Renewing in 90 days",
            money(sums.renewing, currency),
            _accounts(sums.renewing_accounts, sums.renewing_unknown),
            _book(owner, renews_in="90"),
        ),
        Tile(
            "Past cadence",
            str(sums.past_cadence),
            without if sums.without_plan else "every account has a plan",
            _book(owner, past="1"),
        ),
        Tile(
            "New flags this week",
            str(sums.new),
            f"account{'' if sums.new == 1 else 's'}; lines are read on Sundays",
        ),
    ]


def _accounts(number: int, unknown: int) -> str:
    said = f"{number} account{'' if number == 1 else 's'}"
    return f"{said}, ARR of {unknown} unknown" if unknown else said


def _book(owner: str, **words: str) -> str:
    return f"{reverse('book')}?{urlencode({'owner': owner} | words)}"
