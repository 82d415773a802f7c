"""Derived fact `seat_days`: the days on which an account's seats change, with the share given out from then on.

Grain: one row per account and day of change. Key: account_id, day. Rests on line_spans; inputs: product_users,
contract_lines; parameters: as_of, renewal_grace_days. The first row is the first day on which both the seats and the
people are known. `utilization` holds until the next row; null while no seats are in force.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from tenure.metrics.derived.fact import DerivedFact
from tenure.metrics.derived.line_spans import FAR, Span
from tenure.metrics.derived.lines_in_force import is_committed

SEAT = "seat"
SeatSpan = tuple[Span, str | None, Fraction | None]
"""A line's time in force, its product, and its number of seats; None where the line does not say."""


def is_assigned(row: Mapping[str, Any], day: date) -> bool:
    """Whether the seat was given out and not taken back on the day; without a first day it always was."""
    start, end = row["assigned_date"], row["removed_date"]
    return (start is None or start <= day) and (end is None or day < end)


def utilization(
    bought: Mapping[str | None, Fraction | None], users: Iterable[Mapping[str, Any]]
) -> Fraction | None:
    """The fullest product's share; over everything where there is one product, or somebody's is not known.

    None without seats, or where a line of seats does not say how many. Of several products, people of one
    without seats in force take none.
    """
    if None in bought.values():
        return None
    seats = {product: number for product, number in bought.items() if number}
    if not seats:
        return None
    people: dict[str | None, set[str]] = defaultdict(set)
    for row in users:
        people[row["product_id"]].add(row["product_user_id"])
    if len(seats) == 1 or None in people or None in seats:
        everyone, whole = set[str]().union(*people.values()), sum(seats.values())
        return Fraction(len(everyone)) / whole if whole else None
    return max(Fraction(len(people[product])) / number for product, number in seats.items())


def added_up(
    seats: Iterable[tuple[str | None, Fraction | None]],
) -> dict[str | None, Fraction | None]:
    """Seats by product; None where one of its lines does not say how many."""
    found: dict[str | None, Fraction | None] = {}
    for product, number in seats:
        known = found.get(product, Fraction(0))
        found[product] = None if known is None or number is None else known + number
    return found


def changes(
    spans: Iterable[SeatSpan],
    users: Iterable[Mapping[str, Any]],
    as_of: date,
) -> Iterator[tuple[date, Fraction | None]]:
    """Days of change, in order, with the share given out from then on; None while no seats are in force."""
    own, people = list(spans), list(users)
    if not own or not people:
        return
    first = min(span.start for span, _, _ in own)
    given = [row["assigned_date"] for row in people if row["assigned_date"] is not None]
    if len(given) == len(people):
        first = max(first, min(given))
    days = {first, *(span.start for span, _, _ in own), *given}
    days |= {end for span, _, _ in own if (end := span.end_seen_from(as_of)) != FAR}
    days |= {row["removed_date"] for row in people if row["removed_date"] is not None}
    for day in sorted(d for d in days if first <= d <= as_of):
        seats = added_up((p, q) for span, p, q in own if span.in_force(day, as_of))
        yield day, utilization(seats, [row for row in people if is_assigned(row, day)])


def _rows(reading: Any, values: Mapping[str, Any]) -> Iterable[tuple[Any, ...]]:
    as_of = values["as_of"]
    for account_id, (spans, users) in by_account(reading, values).items():
        for day, used in changes(spans, users, as_of):
            yield account_id, day, None if used is None else float(used)


def by_account(
    reading: Any, values: Mapping[str, Any]
) -> dict[str, tuple[list[SeatSpan], list[Mapping[str, Any]]]]:
    """Per account with seats its spans (with product and number of seats) and its product users."""
    rows = {row["line_id"]: row for row in reading.rows("contract_lines")}
    seats: dict[str, list[SeatSpan]] = defaultdict(list)
    for span in reading.all_spans(values["renewal_grace_days"], values["as_of"]):
        row = rows.get(span.line.line_id)
        if row is not None and row["unit"] == SEAT and is_committed(row):
            number = None if row["quantity"] is None else Fraction(row["quantity"])
            seats[span.account_id].append((span, row["product_id"], number))
    users: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in reading.rows("product_users"):
        users[row["account_id"]].append(row)
    return {
        account_id: (own, users.get(account_id, [])) for account_id, own in sorted(seats.items())
    }


FACT = DerivedFact(
    id="seat_days",
    says="The days on which an account's seats change, with the share given out from then on.",
    grain="one row per account and day of change",
    key=("account_id", "day"),
    columns={"account_id": "id", "day": "date", "utilization": "number"},
    needs=("contract_lines", "product_users"),
    reads=("contracts",),
    parameters=("as_of", "renewal_grace_days"),
    rows=_rows,
)
