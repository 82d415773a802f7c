"""Who uses what, and how steadily: user by user, day by day, week by week (metrics 3.5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from math import sqrt
from typing import Any

from oracles.days import ONE_DAY, each_day
from oracles.product_reading import Facts, Row
from oracles.told import ANYTHING, Reason, Told, missing, share, total

Where = dict[str, Any] | None
MOST_DAYS_OF_A_WEEK = 7


def window(as_of: date, days: int) -> tuple[date, date]:
    """The first and last day of a trailing window, as_of included."""
    return as_of - (days - 1) * ONE_DAY, as_of


def rows_between(facts: Facts, account: str, first: date, last: date) -> Iterator[Row]:
    """Usage rows of an account on these days, both included."""
    for row in facts.of("usage_daily", account):
        if first <= row["usage_date"] <= last:
            yield row


def happened(row: Row) -> bool:
    """Whether anything was done: a row of zero events, or of units alone, is nobody's action."""
    return row["event_count"] is not None and row["event_count"] > 0


def names_no_users(facts: Facts, account: str, as_of: date) -> bool:
    """Whether the source counts this account as a whole: rows there are, but none says who."""
    rows = list(rows_between(facts, account, date.min, as_of))
    return bool(rows) and all(row["product_user_id"] is None for row in rows)


def has_rows(facts: Facts, account: str, as_of: date) -> bool:
    """Whether there is any row of the account by then, be it of no event."""
    return any(True for _ in rows_between(facts, account, date.min, as_of))


def counts(facts: Facts, user: str, as_of: date) -> bool:
    """Not one of us, and still holding a seat somewhere; a user nobody told us about counts."""
    known = [row for row in facts.of("product_users") if row["product_user_id"] == user]
    if any(row["is_internal"] for row in known):
        return False
    return not known or any(
        row["removed_date"] is None or row["removed_date"] > as_of for row in known
    )


def days_by_user(facts: Facts, account: str, as_of: date, days: int) -> dict[str, set[date]]:
    """The days of the window on which each user who counts did something."""
    found: dict[str, set[date]] = {}
    for row in rows_between(facts, account, *window(as_of, days)):
        user = row["product_user_id"]
        if user is not None and happened(row) and counts(facts, user, as_of):
            found.setdefault(user, set()).add(row["usage_date"])
    return found


def per_seat(
    told: Told, facts: Facts, account: str, users: int | None, *, as_of: date, grace: int
) -> Fraction | None:
    """Enter users per seat bought; None for users says that the source names none."""
    seats = facts.seats(account, as_of, grace=grace)
    bought = None if seats is None else total(seats.values())
    ratio = None if users is None or bought is None else share(users, bought)
    told.components["by_account"][account] = ratio
    if ratio is None:
        unknown = users is None or bought is None
        told.lack(f"by_account.{account}", _why(unknown=unknown, empty=bought == 0))
    return ratio


def _why(*, unknown: bool, empty: bool) -> Reason:
    if unknown:
        return ("no_data", "undefined") if empty else "no_data"
    return "undefined"


def active_user_pct(
    facts: Facts,
    as_of: date,
    *,
    window_days: int = 28,
    renewal_grace_days: int = 30,
    where: Where = None,
) -> Told:
    """Users who did something in the window, per seat bought."""
    if not facts.has("usage_daily", "contract_lines"):
        return missing("by_account", "active_users")
    told = Told({"by_account": {}, "active_users": {}}, optional=frozenset({"active_users"}))
    for account in facts.accounts(as_of, where):
        users: int | None = len(days_by_user(facts, account, as_of, window_days))
        if names_no_users(facts, account, as_of):
            users = None
            told.lack(f"active_users.{account}", "no_data")
        told.components["active_users"][account] = users
        per_seat(told, facts, account, users, as_of=as_of, grace=renewal_grace_days)
    return told


def power_user_pct(
    facts: Facts,
    as_of: date,
    *,
    window_days: int = 28,
    min_active_days: int = 8,
    renewal_grace_days: int = 30,
    where: Where = None,
) -> Told:
    """Users active on many distinct days, per seat bought; both lines are strict."""
    if not facts.has("usage_daily", "contract_lines"):
        return missing("by_account", "status")
    told = Told({"by_account": {}, "status": {}})
    for account in facts.accounts(as_of, where):
        days = days_by_user(facts, account, as_of, window_days)
        power: int | None = sum(1 for active in days.values() if len(active) >= min_active_days)
        if names_no_users(facts, account, as_of):
            power = None
        ratio = per_seat(told, facts, account, power, as_of=as_of, grace=renewal_grace_days)
        if ratio is not None:
            told.components["status"][account] = power_status(ratio)
    return told


def power_status(ratio: Fraction) -> str:
    """On a line it is neutral: both are strict."""
    if ratio < Fraction(20, 100):
        return "at_risk"
    return "expansion_ready" if ratio > Fraction(50, 100) else "neutral"


def usage_consistency(facts: Facts, as_of: date, *, weeks: int = 12, where: Where = None) -> Told:
    """How unevenly the weekly events of the last complete ISO weeks lie, and how many weeks had any."""
    if not facts.has("usage_daily"):
        return missing("by_account")
    told = Told({"by_account": {}})
    for account in facts.accounts(as_of, where):
        start = _start(facts, account, as_of)
        entry: dict[str, Any] | None = None
        if start is None or not has_rows(facts, account, as_of):
            told.lack(f"by_account.{account}", "no_data")
        else:
            mondays = [day for day in last_mondays(as_of, weeks) if day >= start]
            if len(mondays) < 4:
                told.lack(f"by_account.{account}", "too_little_history")
            else:
                entry = _evenness([_week(facts, account, monday) for monday in mondays])
                if entry["cv"] is None:
                    told.lack(f"by_account.{account}.cv", "undefined")
        told.components["by_account"][account] = entry
    return told


def last_mondays(as_of: date, weeks: int) -> list[date]:
    """The Mondays of the last complete weeks: those whose Sunday has come by as_of."""
    monday = as_of
    while monday.isoweekday() != 1 or monday + 6 * ONE_DAY > as_of:
        monday -= ONE_DAY
    return [monday - timedelta(weeks=back) for back in range(weeks)]


def _start(facts: Facts, account: str, as_of: date) -> date | None:
    said: date | None = facts.company.accounts[account].get("start_date")
    if said is not None:
        return said
    days = [
        row["usage_date"]
        for row in rows_between(facts, account, date.min, as_of)
        if row["event_count"] != 0
    ]
    return min(days, default=None)


def _week(facts: Facts, account: str, monday: date) -> int:
    return sum(
        events(facts, account, day, day)
        for day in each_day(monday, monday + MOST_DAYS_OF_A_WEEK * ONE_DAY)
    )


def _evenness(weekly: list[int]) -> dict[str, Any]:
    mean = Fraction(sum(weekly), len(weekly))
    cv = None
    if mean:
        variance = sum((week - mean) ** 2 for week in weekly) / len(weekly)
        cv = sqrt(variance) / float(mean)
    busy = sum(1 for week in weekly if week > 0)
    return {"cv": cv, "active_week_share": Fraction(busy, len(weekly))}


def events(facts: Facts, account: str, first: date, last: date, feature: str | None = None) -> int:
    """Events of everybody on these days; of one feature, if it is named."""
    return sum(
        row["event_count"] or 0
        for row in rows_between(facts, account, first, last)
        if feature is None or row["feature_id"] == feature
    )


def units(
    facts: Facts, account: str, first: date, last: date, feature: str | None = None
) -> Fraction:
    """Units consumed on these days; of one feature, if it is named."""
    return total(
        row["units"]
        for row in rows_between(facts, account, first, last)
        if feature is None or row["feature_id"] == feature
    )


def usage_trend(facts: Facts, as_of: date, *, window_days: int = 28, where: Where = None) -> Told:
    """Events of the window against those of the window before it."""
    if not facts.has("usage_daily"):
        return missing("by_account", "absolute_change")
    told = Told({"by_account": {}, "absolute_change": {}})
    for account in facts.accounts(as_of, where):
        if not has_rows(facts, account, as_of):
            told.components["by_account"][account] = None
            told.components["absolute_change"][account] = ANYTHING
            told.lack(f"by_account.{account}", "no_data")
            continue
        first, last = window(as_of, window_days)
        now = events(facts, account, first, last)
        before = events(facts, account, *window(first - ONE_DAY, window_days))
        ratio = share(now - before, before)
        told.components["by_account"][account] = ratio
        told.components["absolute_change"][account] = now - before
        if ratio is None:
            told.lack(f"by_account.{account}", "undefined")
    return told


def feature_adoption_depth(
    facts: Facts,
    as_of: date,
    *,
    window_days: int = 28,
    min_events: int = 5,
    renewal_grace_days: int = 30,
    where: Where = None,
) -> Told:
    """Advanced features used in earnest, of those the account may use."""
    if not facts.has("usage_daily", "features", "contract_lines"):
        return missing("by_account")
    told = Told({"by_account": {}})
    for account in facts.accounts(as_of, where):
        lines = facts.running(account, as_of, grace=renewal_grace_days)
        held = {bought.row["product_id"] for bought in lines}
        entitled = [
            row["feature_id"]
            for row in facts.of("features")
            if row["level"] == "advanced"
            and lines
            and (row["product_id"] is None or row["product_id"] in held)
        ]
        first, last = window(as_of, window_days)
        used = [
            name for name in entitled if events(facts, account, first, last, name) >= min_events
        ]
        ratio = share(len(used), len(entitled))
        told.components["by_account"][account] = ratio
        if ratio is None:
            told.lack(f"by_account.{account}", "undefined")
    return told


def cross_functional_usage(
    facts: Facts, as_of: date, *, window_days: int = 28, where: Where = None
) -> Told:
    """Known departments with somebody active; who has none on file is counted apart."""
    if not facts.has("usage_daily", "product_users"):
        return missing("by_account", "unknown_department_users")
    told = Told({"by_account": {}, "unknown_department_users": {}})
    for account in facts.accounts(as_of, where):
        known: set[str] = set()
        unknown = 0
        for user in days_by_user(facts, account, as_of, window_days):
            own = departments(facts, user)
            known |= own
            unknown += not own
        silent = names_no_users(facts, account, as_of) or not has_rows(facts, account, as_of)
        told.components["by_account"][account] = None if silent else len(known)
        told.components["unknown_department_users"][account] = ANYTHING if silent else unknown
        if silent:
            told.lack(f"by_account.{account}", "no_data")
    return told


def departments(facts: Facts, user: str) -> set[str]:
    """What the source says of a user, in one spelling."""
    said = [
        (row["department"] or "").strip().lower()
        for row in facts.of("product_users")
        if row["product_user_id"] == user
    ]
    return {name for name in said if name}
