"""Minutes of the team by week and kind of work, as a person would release them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from tenure.kernel.days import add_months, month_start
from tenure.simulate.people import Desk, Holding, Team
from tenure.simulate.scale import Scale
from tenure.simulate.write import Sheets

WEEK_MINUTES = 1700
SHARES = (
    ("customer_facing", 0.36), ("internal", 0.18), ("support_tickets", 0.2), ("qbr_prep", 0.17),
    ("uncategorised", 0.09),
)  # fmt: skip
REMEMBERED = 30


class Books:
    """A few accounts per person, to name in their hours; bounded whatever the size of the company."""

    def __init__(self) -> None:
        """Nobody has any yet."""
        self._by_person: dict[str, list[str]] = {}

    def note(self, account_id: str, holdings: tuple[Holding, ...]) -> None:
        """Remember that these people looked after the account."""
        for holding in holdings:
            held = self._by_person.setdefault(holding.user_id, [])
            if len(held) < REMEMBERED:
                held.append(account_id)

    def of(self, user_id: str) -> list[str]:
        """Accounts the person looked after at some time."""
        return self._by_person.get(user_id, [])


def weeks(start: date, end: date) -> Iterator[tuple[date, date]]:
    """The weeks that touch `[start, end)`, from Mondays, cut at month ends and at both ends."""
    day = start
    while day < end:
        monday = day + timedelta(days=7 - day.weekday())
        following = min(monday, add_months(month_start(day), 1), end)
        yield day, following
        day = following


def write_time(sheets: Sheets, scale: Scale, team: Team, books: Books) -> None:
    """The rows of `time_totals`; three in four people share their hours at all."""
    for number, (desk, holding) in enumerate(team.csms()):
        draw = scale.stream("time", number)
        if draw.random() < 0.25 and number:
            continue
        first = max(holding.start, scale.begin)
        last = min(holding.end or scale.end, scale.end)
        drift = draw.uniform(-0.1, 0.05)
        for start, end in weeks(first, last):
            grown = drift * (start - scale.begin).days / max(1, (scale.end - scale.begin).days)
            workdays = sum(
                (start + timedelta(days=i)).weekday() < 5 for i in range((end - start).days)
            )
            if workdays:
                _week(
                    sheets, draw, (desk, holding), (start, end), workdays, books=books, grown=grown
                )


def _week(
    sheets: Sheets, draw: Random, person: tuple[Desk, Holding], span: tuple[date, date],
    workdays: int, *, books: Books, grown: float,
) -> None:  # fmt: skip
    """One row per kind of work; customer time is named for a few accounts, the rest for none."""
    desk, holding = person
    base: dict[str, object] = {
        "user_id": holding.user_id, "week_start": span[0], "week_end": span[1],
    }  # fmt: skip
    for category, share in SHARES:
        factor = draw.uniform(0.7, 1.3) * (desk.care + 0.25 if category == "customer_facing" else 1)
        minutes = round(
            WEEK_MINUTES
            * workdays
            / 5
            * max(0.02, share + (grown if category == "customer_facing" else 0))
            * factor
        )
        named = books.of(holding.user_id) if category == "customer_facing" else []
        favorites = draw.sample(named, min(4, len(named)))
        for place, account_id in enumerate(favorites):
            part = round(minutes * (0.3, 0.2, 0.12, 0.08)[place])
            if part:
                sheets.row(
                    "time_totals",
                    {**base, "category": category, "account_id": account_id, "minutes": part},
                )
        rest = minutes - sum(round(minutes * s) for s in (0.3, 0.2, 0.12, 0.08)[: len(favorites)])
        sheets.row("time_totals", {**base, "category": category, "minutes": rest})
