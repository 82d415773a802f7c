"""Onboarding and time to value (metrics 3.4), counted by hand."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction
from typing import Any

from oracles.balance import ZERO
from oracles.reading import NO_DATA, TOO_LITTLE, UNDEFINED, Missing
from oracles.renewals import share
from oracles.standing import WITHHELD, Life, Row, before

Found = dict[str, Any]


def onboarding_rating(life: Life, start: date, end: date, *, min_n: int = 5) -> Found:
    """The mean rating on 1 to 5, by the CSM on the answer; few answers are withheld."""
    given: dict[str, list[Fraction]] = defaultdict(list)
    for row in life.table("survey_responses"):
        day = life.day(row["responded_at"])
        if row["survey_type"] == "onboarding" and start <= day < end and day <= life.as_of:
            rating = rescaled(row)
            if rating is not None:
                given[row["user_id"] or "unassigned"].append(rating)
    everything = [rating for ratings in given.values() for rating in ratings]
    company = mean_of(everything, min_n)
    return {
        "by_csm": {user: mean_of(ratings, min_n) for user, ratings in given.items()},
        "n": {user: len(ratings) for user, ratings in given.items()},
        "company": company,
        "value": company,
    }


def rescaled(row: Row) -> Fraction | None:
    """The score on 1 to 5; nothing without a scale or outside it."""
    low, high = row["scale_min"], row["scale_max"]
    if low is None or high is None or not low <= row["score"] <= high:
        return None
    return 1 + 4 * (Fraction(row["score"]) - Fraction(low)) / (Fraction(high) - Fraction(low))


def mean_of(ratings: list[Fraction], min_n: int) -> Fraction | Missing:
    """The mean, when there are enough to show."""
    if not ratings:
        return UNDEFINED
    return WITHHELD if len(ratings) < min_n else sum(ratings, ZERO) / len(ratings)


def reached(life: Life, milestone: str) -> dict[str, date]:
    """The day each account reached a milestone, as far as that was by as_of."""
    return {
        row["account_id"]: row["completed_date"]
        for row in life.table("onboarding_milestones")
        if row["milestone"] == milestone
        and row["completed_date"] is not None
        and row["completed_date"] <= life.as_of
    }


def days_between(began: dict[str, date], got: dict[str, date], start: date, end: date) -> list[int]:
    """Days from a beginning to the first value, for values that fall in the period; none backwards."""
    found = [
        (day - began[name]).days
        for name, day in got.items()
        if name in began and start <= day < end
    ]
    return sorted(days for days in found if days >= 0)


def avg_time_to_first_value(life: Life, start: date, end: date) -> Found:
    """Days from the start of onboarding to first value, of those who got there; how many wait."""
    began, got = reached(life, "onboarding_start"), reached(life, "first_value")
    days = days_between(began, got, start, end)
    last = life.last_day(end)
    waiting = [
        name
        for name, day in began.items()
        if day <= last and not (name in got and got[name] <= last)
    ]
    return {
        "value": share(sum(days), len(days)),
        "n": len(days),
        "median": median(days),
        "open_accounts": len(waiting),
    }


def median(days: list[int]) -> Fraction | Missing:
    """The middle one, or the mean of the two middle ones."""
    if not days:
        return UNDEFINED
    half = len(days) // 2
    return Fraction(days[half]) if len(days) % 2 else Fraction(days[half - 1] + days[half], 2)


def avg_time_to_first_value_trend(life: Life, start: date, end: date) -> Found:
    """Against the period before; shorter is better; up to 2 % is no change."""
    now = avg_time_to_first_value(life, start, end)["value"]
    then = avg_time_to_first_value(life, *before(start, end))["value"]
    if isinstance(now, Missing) or isinstance(then, Missing):
        word: Any = UNDEFINED
    elif abs(now - then) <= then / 50:
        word = "stable"
    else:
        word = "improving" if now < then else "declining"
    return {"trend": word, "value": word}


def time_to_value(life: Life, start: date, end: date) -> Found:
    """Days from the first signature to first value."""
    signed: dict[str, date] = {}
    for row in life.table("contracts"):
        name, day = row["account_id"], row["signed_date"]
        if day is not None and row["status"] != "draft":
            signed[name] = min(day, signed.get(name, day))
    days = days_between(signed, reached(life, "first_value"), start, end)
    return {"value": share(sum(days), len(days)), "n": len(days)}


def time_to_activation(
    life: Life, *, activation_feature: str | None = None, min_events: int = 1
) -> Found:
    """Days from the first seat to the day the features had been used often enough."""
    if activation_feature is None:
        nothing = dict.fromkeys(("average", "activation_rate", "value"), NO_DATA)
        return {"by_account": dict.fromkeys(life.accounts, NO_DATA)} | nothing
    features = [word.strip() for word in activation_feature.split(",")]
    days: dict[str, int | Missing] = {}
    provisioned = 0
    for name in life.accounts:
        seats = [row for row in life.table("product_users") if row["account_id"] == name]
        given = [
            row["assigned_date"]
            for row in seats
            if not row["is_internal"] and row["assigned_date"] is not None
        ]
        first = min(given, default=None)
        if first is None or first > life.as_of:
            days[name] = NO_DATA
            continue
        provisioned += 1
        internal = {row["product_user_id"] for row in seats if row["is_internal"]}
        active = activation_day(life, name, features, internal, min_events)
        days[name] = TOO_LITTLE if active is None else (active - first).days
    known = [n for n in days.values() if not isinstance(n, Missing)]
    average = share(sum(known), len(known))
    return {
        "by_account": days,
        "average": average,
        "activation_rate": share(len(known), provisioned),
        "value": average,
    }


def activation_day(
    life: Life, account: str, features: list[str], internal: set[str], min_events: int
) -> date | None:
    """The day the account's events add up to the rule."""
    events = 0
    for row in sorted(life.table("usage_daily"), key=lambda row: row["usage_date"]):
        mine = row["account_id"] == account and row["product_user_id"] not in internal
        if mine and row["feature_id"] in features and row["usage_date"] <= life.as_of:
            events += row["event_count"] or 0
            if events >= min_events:
                return row["usage_date"]
    return None


def deployment_completeness(life: Life) -> Found:
    """Teams live over teams planned, all accounts together; the same by seats."""
    teams = live = seats = live_seats = 0
    by_account: dict[str, Fraction | Missing] = {}
    for name in life.accounts:
        rows = [row for row in life.table("deployments") if row["account_id"] == name]
        some = any(row["planned_seats"] is not None for row in rows)
        planned = [row for row in rows if not some or row["planned_seats"] is not None]
        up = [
            row
            for row in planned
            if row["live_date"] is not None and row["live_date"] <= life.as_of
        ]
        by_account[name] = Fraction(len(up), len(planned)) if planned else NO_DATA
        teams, live = teams + len(planned), live + len(up)
        seats += sum(row["planned_seats"] or 0 for row in planned)
        live_seats += sum(row["planned_seats"] or 0 for row in up)
    return {
        "value": Fraction(live, teams) if teams else NO_DATA,
        "seat_weighted": share(live_seats, seats) if teams else NO_DATA,
        "by_account": by_account,
    }
