"""Accounts that outgrew what they bought: pql."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from tenure.kernel.days import ONE_DAY
from tenure.metrics.asked import Asked, Result
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.derived.seat_days import by_account, changes, is_assigned
from tenure.metrics.reading import Reading, Row

Turned = tuple[date, str]


def pql(reading: Reading, asked: Asked) -> Result:
    """The days in the period on which a rule turned true, at most one per account and re-arm time."""
    chosen, last = reading.begun_accounts(asked), asked.day
    turned: dict[str, list[Turned]] = defaultdict(list)
    threshold = Fraction(str(asked.parameters["pql_threshold"]))
    for account_id, (spans, users) in by_account(reading, asked.known).items():
        shares = list(changes(spans, users, asked.as_of))
        turned[account_id] += [(day, "seats") for day in _turns(shares, threshold)]
    for account_id, days in _limit_days(reading, asked).items():
        turned[account_id] += days
    events = {a: list(_armed(sorted(turned[a]), asked.parameters["rearm_days"])) for a in chosen}
    inside = sorted(
        (day, a, rule)
        for a, own in events.items()
        for day, rule in own
        if asked.period.start <= day <= last
    )
    rules: dict[str, list[str]] = defaultdict(list)
    for _, account_id, rule in inside:
        rules[account_id].append(rule)
    active = reading.active_accounts(asked)
    return Result(
        value=len(inside),
        components={
            "pqls": [[a, day] for day, a, _ in inside],
            "count": len(inside),
            "rules": dict(sorted(rules.items())),
            "without_arr": sorted(a for a in rules if a not in active),
        },
        n=len(inside),
        rows=_sources(reading, rules),
    )


def _turns(shares: Iterable[tuple[date, Fraction | None]], threshold: Fraction) -> Iterator[date]:
    """The days on which the share reaches the threshold; the first day counts if it is already there."""
    was = False
    for day, share in shares:
        is_met = share is not None and share >= threshold
        if is_met and not was:
            yield day
        was = is_met


def _armed(turned: Iterable[Turned], rearm_days: int) -> Iterator[Turned]:
    """The first of them, then each that comes at least so many days after the last one kept."""
    last: date | None = None
    for day, rule in turned:
        if last is None or (day - last).days >= rearm_days:
            last = day
            yield day, rule


def _limit_days(reading: Reading, asked: Asked) -> dict[str, list[Turned]]:
    """The days on which use of a limit reached `limit_threshold` of it."""
    found: dict[str, list[Turned]] = defaultdict(list)
    if not reading.has("usage_limits"):
        return found
    if reading.has("usage_daily"):
        made = reading.relation("limit_days", asked.known)
        for account_id, name, day in reading.query(
            f"select account_id, limit_name, day from {made}"
        ):  # noqa: S608 - our own name
            found[account_id].append((day, name))
    share = Fraction(str(asked.parameters["limit_threshold"]))
    users: dict[str, list[Row]] = defaultdict(list)
    for row in reading.rows("product_users"):
        users[row["account_id"]].append(row)
    for limit in reading.rows("usage_limits"):
        if limit["measure"] == "seats" and limit["amount"] > 0:
            held = _held(limit, users[limit["account_id"]], asked.day)
            line = share * Fraction(limit["amount"])
            found[limit["account_id"]] += [(day, limit["limit_name"]) for day in _turns(held, line)]
    return found


def _held(limit: Row, users: list[Row], last: date) -> Iterator[tuple[date, Fraction]]:
    """Seats given out on each day that may change them, within the limit's own time and up to `last`."""
    start = limit["start_date"]
    end = last if limit["end_date"] is None else min(last, limit["end_date"] - ONE_DAY)
    marks = {row[name] for row in users for name in ("assigned_date", "removed_date")}
    for day in sorted({d for d in (*marks, start) if d is not None and start <= d <= end}):
        held = {row["product_user_id"] for row in users if is_assigned(row, day)}
        yield day, Fraction(len(held))


def _sources(reading: Reading, accounts: Mapping[str, Any]) -> list[SourceRow]:
    return [
        SourceRow("product_users", row["product_user_id"], row["source_file"], row["source_line"])
        for row in reading.rows("product_users")
        if row["account_id"] in accounts
    ]
