"""Seats, leads, credits, tickets and feedback (metrics 3.5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Any

from oracles.days import ONE_DAY, each_day
from oracles.product_reading import Facts, Row
from oracles.told import ANYTHING, Told, missing, share, total
from oracles.usage import Where, events, units, window


def holders(facts: Facts, account: str, day: date) -> list[Row]:
    """Who holds a seat on a day, one row per user and product; our own people too, and those without a first day."""
    return [
        row
        for row in facts.of("product_users", account)
        if (row["assigned_date"] is None or row["assigned_date"] <= day)
        and (row["removed_date"] is None or day < row["removed_date"])
    ]


def utilization(
    facts: Facts, account: str, as_of: date, *, grace: int = 30, on: date | None = None
) -> Fraction | None:
    """Seats assigned per seat bought, on a day (as_of by default); of several products the fullest.

    Where a line or a user does not say which product, all users are held against all seats.
    """
    day = on or as_of
    seats = facts.seats(account, as_of, grace=grace, on=day)
    if seats is None:
        return None
    held = holders(facts, account, day)
    named = None not in seats and all(row["product_id"] is not None for row in held)
    if len(seats) > 1 and named:
        fullest = []
        for product, amount in seats.items():
            users = {row["product_user_id"] for row in held if row["product_id"] == product}
            fullest.append(len(users) / amount)
        return max(fullest)
    users = {row["product_user_id"] for row in held}
    return share(len(users), total(seats.values()))


def seat_utilization(
    facts: Facts,
    as_of: date,
    *,
    pql_threshold: Fraction = Fraction(85, 100),
    renewal_grace_days: int = 30,
    where: Where = None,
) -> Told:
    """Seats assigned per seat bought; the lead line is inclusive."""
    if not facts.has("product_users", "contract_lines"):
        return missing("by_account", "pql")
    told = Told({"by_account": {}, "pql": []})
    for account in facts.accounts(as_of, where):
        ratio = utilization(facts, account, as_of, grace=renewal_grace_days)
        told.components["by_account"][account] = ratio
        if ratio is None:
            seats = facts.seats(account, as_of, grace=renewal_grace_days)
            told.lack(f"by_account.{account}", "no_data" if seats is None else "undefined")
        elif ratio >= pql_threshold:
            told.components["pql"].append(account)
    return told


def pql(
    facts: Facts,
    as_of: date,
    start: date,
    end: date,
    *,
    pql_threshold: Fraction = Fraction(85, 100),
    limit_threshold: Fraction = Fraction(90, 100),
    rearm_days: int = 90,
) -> Told:
    """Days on which a rule turns true, at most one per account and re-arm time."""
    by_seats = facts.has("product_users", "contract_lines")
    if not by_seats and not facts.has("usage_limits"):
        return missing("pqls", "count")
    after = min(as_of + ONE_DAY, end)
    found: list[list[Any]] = []
    for account in facts.accounts(as_of):
        days: list[date] = []
        if by_seats:
            days += _seat_days(facts, account, as_of, after, pql_threshold)
        for limit in facts.of("usage_limits", account):
            days += _limit_days(facts, account, limit, after, limit_threshold)
        last: date | None = None
        for day in sorted(days):
            if last is None or (day - last).days >= rearm_days:
                last = day
                if start <= day < after:
                    found.append([account, day])
    found.sort(key=lambda lead: (lead[1], lead[0]))
    return Told({"pqls": found, "count": len(found)}, value=len(found))


def _turns_true(first: date, after: date, rule: Callable[[date], bool]) -> list[date]:
    """The days on which a rule holds and did not the day before; on the first day, that it holds."""
    found, before = [], False
    for day in each_day(first, after):
        now = rule(day)
        if now and not before:
            found.append(day)
        before = now
    return found


def _seat_days(
    facts: Facts, account: str, as_of: date, after: date, threshold: Fraction
) -> list[date]:
    starts = [bought.line.start for bought in facts.lines if bought.line.account == account]

    def full(day: date) -> bool:
        ratio = utilization(facts, account, as_of, on=day)
        return ratio is not None and ratio >= threshold

    return _turns_true(min(starts), after, full) if starts else []


def _limit_days(
    facts: Facts, account: str, limit: Row, after: date, threshold: Fraction
) -> list[date]:
    def near(day: date) -> bool:
        if limit["end_date"] is not None and day >= limit["end_date"]:
            return False
        return limit_use(facts, account, limit, day) >= threshold * Fraction(limit["amount"])

    if limit["measure"] not in ("seats", "events", "units"):
        return []
    return _turns_true(limit["start_date"], after, near)


def limit_use(facts: Facts, account: str, limit: Row, day: date) -> Fraction:
    """What counts against a limit on a day: seats held then, or use over its window or the month so far."""
    if limit["measure"] == "seats":
        return Fraction(len({row["product_user_id"] for row in holders(facts, account, day)}))
    first = day.replace(day=1)
    if limit["window_days"] is not None:
        first, _ = window(day, limit["window_days"])
    if limit["measure"] == "events":
        return Fraction(events(facts, account, first, day, limit["feature_id"]))
    return units(facts, account, first, day, limit["feature_id"])


def burn_rate_forecast(
    facts: Facts,
    as_of: date,
    *,
    window_days: int = 28,
    over: Fraction = Fraction(1),
    under: Fraction = Fraction(8, 10),
    renewal_grace_days: int = 30,
    where: Where = None,
) -> Told:
    """How long the committed credits last, and what will have been used when the term ends."""
    if not facts.has("usage_daily", "contract_lines"):
        return missing("by_account")
    told = Told({"by_account": {}})
    for account in facts.accounts(as_of, where):
        credits = [
            bought
            for bought in facts.running(account, as_of, grace=renewal_grace_days)
            if bought.row["unit"] == "credit"
        ]
        told.components["by_account"][account] = None
        # One line without a quantity makes the whole unlimited.
        if not credits or any(bought.row["quantity"] is None for bought in credits):
            told.lack(f"by_account.{account}", "undefined")
            continue
        # The end that was agreed, also where a renewal is known to come before it or grace has begun.
        ends = [bought.line.end for bought in credits]
        known = [end for end in ends if end is not None]
        entry = forecast(
            committed=total(bought.row["quantity"] for bought in credits),
            used=lambda first, account=account: units(facts, account, first, as_of),
            start=min(bought.line.start for bought in credits),
            end=max(known) if len(known) == len(ends) else None,
            as_of=as_of,
            window_days=window_days,
        )
        rate = entry["projected_utilization"]
        if rate is not None:
            entry["signal"] = "over" if rate > over else "under" if rate < under else "on_track"
        told.components["by_account"][account] = entry
        for name, value in entry.items():
            if value is None:
                told.lack(f"by_account.{account}.{name}", "undefined")
    return told


def forecast(
    *,
    committed: Fraction,
    used: Callable[[date], Fraction],
    start: date,
    end: date | None,
    as_of: date,
    window_days: int,
) -> dict[str, Any]:
    """The arithmetic of one term; `used` gives the units from a day up to as_of."""
    consumed = used(start)
    first = max(window(as_of, window_days)[0], start)
    burn = used(first) / ((as_of - first).days + 1)
    left: Fraction | None = None
    if committed <= consumed:
        left = Fraction(0)
    elif burn > 0:
        left = (committed - consumed) / burn
    projected = None
    if end is not None:
        days = sum(1 for _ in each_day(as_of + ONE_DAY, end))
        projected = consumed + burn * days
    return {
        "consumed": consumed,
        "daily_burn": burn,
        "days_to_exhaustion": left,
        "exhaustion_date": None if left is None else as_of + ceil(left) * ONE_DAY,
        "projected_consumption": projected,
        "projected_utilization": None if projected is None else share(projected, committed),
        "signal": None,
    }


def support_ticket_trend(
    facts: Facts,
    as_of: date,
    *,
    window_days: int = 30,
    renewal_grace_days: int = 30,
    where: Where = None,
) -> Told:
    """Tickets opened in the window and in the one before, and per 100 seats."""
    if not facts.has("tickets"):
        return missing("by_account")
    told = Told({"by_account": {}})
    first, _ = window(as_of, window_days)
    for account in facts.accounts(as_of, where):
        days = [facts.day(row["created_at"]) for row in facts.of("tickets", account)]
        now = sum(1 for day in days if first <= day <= as_of)
        earliest, latest = window(first - ONE_DAY, window_days)
        before = sum(1 for day in days if earliest <= day <= latest)
        seats = facts.seats(account, as_of, grace=renewal_grace_days)
        per_100 = None if seats is None else share(100 * now, total(seats.values()))
        entry = {
            "current": now,
            "previous": before,
            "change": share(now - before, before),
            "current_per_100_seats": per_100,
        }
        told.components["by_account"][account] = entry
        if entry["change"] is None:
            told.lack(f"by_account.{account}.change", "undefined")
        if per_100 is None:
            known = facts.has("contract_lines") and seats is not None
            reason = "undefined" if known else "no_data"
            told.lack(f"by_account.{account}.current_per_100_seats", reason)
    return told


def product_feedback(facts: Facts, as_of: date, start: date, end: date) -> Told:
    """What was said in the period, and how much of it was answered, as it stands now."""
    if not facts.has("feedback"):
        return missing("submitted", "open", "closed_loop_rate")
    said = [
        row
        for row in facts.of("feedback")
        if start <= facts.day(row["submitted_at"]) < end and facts.day(row["submitted_at"]) <= as_of
    ]
    answered = sum(1 for row in said if row["status"] in ("closed", "shipped"))
    rate = share(answered, len(said))
    told = Told(
        {
            "submitted": len(said),
            "open": sum(1 for row in said if row["status"] == "open"),
            "closed_loop_rate": rate,
        },
        value=ANYTHING,
    )
    if rate is None:
        told.lack("closed_loop_rate", "undefined")
    return told
