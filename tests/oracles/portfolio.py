"""Portfolio and time (metrics 3.4), counted by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from oracles.balance import ZERO
from oracles.days import ONE_DAY
from oracles.reading import NO_DATA, UNDEFINED, Missing
from oracles.standing import WITHHELD, Life, Row, before

Found = dict[str, Any]

BENCHMARKS: Mapping[str, Sequence[int]] = {
    "enterprise": (8, 15),
    "mid_market": (30, 60),
    "smb": (100, 250),
}
CATEGORIES = ("customer_facing", "internal", "support_tickets", "qbr_prep", "uncategorised")
RENEW_FLAGS = (
    None,  # raised by a person
    "exec_sponsor_unresponsive_days",
    "missed_operational_reviews",
    "days_since_last_touch",
)


def caseload_status(life: Life, *, benchmarks: Mapping[str, Sequence[int]] = BENCHMARKS) -> Found:
    """How many active accounts each CSM holds, against what is usual for their segments."""
    books: dict[str, list[str]] = defaultdict(list)
    for name in sorted(life.active(life.as_of)):
        books[life.owner(name, life.as_of)].append(name)
    nobody = books.pop("unassigned", [])
    by_csm, strangers = {}, 0
    for user, names in books.items():
        segments = [life.accounts[name].get("segment") for name in names]
        known = [segment for segment in segments if segment in benchmarks]
        strangers += len(names) - len(known)
        people = pool(life, user)
        untouched = [life.days_untouched(name) for name in names]
        by_csm[user] = {
            "accounts": len(names),
            "load": sum((Fraction(1, benchmarks[s][1]) for s in known), ZERO) / people,
            "status": status(known, people, benchmarks),
            "untouched_60_plus": sum(
                1 for days in untouched if not isinstance(days, Missing) and days >= 60
            )
            if life.has("activities")
            else NO_DATA,
        }
    return {"by_csm": by_csm, "segment_unknown": strangers, "unassigned": len(nobody)}


def pool(life: Life, user: str) -> Fraction:
    """Full-time people behind a name: more than one is a pool, part-time is one person."""
    for row in life.table("team_members"):
        if row["user_id"] == user and row.get("fte") is not None and row["fte"] > 1:
            return Fraction(row["fte"])
    return Fraction(1)


def status(
    segments: list[str], people: Fraction, benchmarks: Mapping[str, Sequence[int]]
) -> str | Missing:
    """Under, within or over: by the count in one segment, by the loads in several."""
    if not segments:
        return UNDEFINED
    if len(set(segments)) == 1:
        low, high = benchmarks[segments[0]]
        count = len(segments) / people
        return "under" if count < low else "over" if count > high else "within"
    most = sum((Fraction(1, benchmarks[s][1]) for s in segments), ZERO) / people
    least = sum((Fraction(1, benchmarks[s][0]) for s in segments), ZERO) / people
    return "over" if most > 1 else "under" if least < 1 else "within"


def weeks(life: Life, start: date, end: date) -> list[Row]:
    """Totals of the weeks that lie whole in the period and are over by as_of."""
    return [
        row
        for row in life.table("time_totals")
        if row["week_start"] >= start
        and row["week_end"] <= end
        and row["week_end"] <= life.as_of + ONE_DAY
    ]


def minutes(rows: Sequence[Row]) -> Fraction:
    """All their minutes."""
    return sum((Fraction(row["minutes"]) for row in rows), ZERO)


def shares(rows: Sequence[Row], min_hours: Fraction = ZERO) -> dict[str, Fraction] | Missing:
    """The share of each category in all minutes; words of nobody's list are uncategorised."""
    whole = minutes(rows)
    if whole == 0:
        return NO_DATA
    if whole / 60 < min_hours:
        return WITHHELD
    found = dict.fromkeys(CATEGORIES, ZERO)
    for row in rows:
        word = row["category"] if row["category"] in CATEGORIES else "uncategorised"
        found[word] += Fraction(row["minutes"]) / whole
    return found


def time_allocation_shares(
    life: Life, start: date, end: date, *, min_hours: int = 0, user: str | None = None
) -> Found:
    """Where the time of everybody, or of one person, went."""
    rows = [row for row in weeks(life, start, end) if user in (None, row["user_id"])]
    return {"shares": shares(rows, Fraction(min_hours)), "total_hours": minutes(rows) / 60}


def time_by_csm(life: Life, start: date, end: date, *, min_hours: int = 0) -> Found:
    """The same, person by person."""
    people = {row["user_id"] for row in weeks(life, start, end)}
    return {
        user: time_allocation_shares(life, start, end, min_hours=min_hours, user=user)
        for user in people
    }


def customer_facing_share_qoq(life: Life, start: date, end: date) -> Found:
    """The customer-facing share against the period before, in percentage points."""
    now, then = weeks(life, start, end), weeks(life, *before(start, end))
    users = {row["user_id"] for row in [*now, *then]}
    team = change(then, now)
    moved = team["change_pp"]
    return {
        "by_csm": {
            user: change(*([row for row in rows if row["user_id"] == user] for rows in (then, now)))
            for user in users
        },
        "team": team,
        "direction": moved
        if isinstance(moved, Missing)
        else "growing"
        if moved > 0
        else "shrinking"
        if moved < 0
        else "flat",
        "value": moved,
    }


def change(then: Sequence[Row], now: Sequence[Row]) -> Found:
    """Two shares and their difference."""
    one, other = shares(then), shares(now)
    previous = one if isinstance(one, Missing) else one["customer_facing"]
    current = other if isinstance(other, Missing) else other["customer_facing"]
    both = isinstance(previous, Fraction) and isinstance(current, Fraction)
    return {
        "previous": previous,
        "current": current,
        "change_pp": 100 * (current - previous) if both else NO_DATA,
    }


def portfolio_attention_gap(life: Life, start: date, end: date) -> Found:
    """The share of time each account got against its share of ARR; who got none."""
    rows = weeks(life, start, end)
    spent: dict[str, Fraction] = defaultdict(lambda: ZERO)
    for row in rows:
        if row["account_id"] in life.accounts:
            spent[row["account_id"]] += Fraction(row["minutes"])
    active = life.active(life.as_of)
    whole = sum(spent.values(), ZERO)
    arr = {name: life.arr(name, life.as_of) for name in active}
    total = sum(arr.values(), ZERO)
    arr_share = {name: n / total for name, n in arr.items() if total}
    time_share: dict[str, Any] = {name: n / whole for name, n in spent.items() if whole}
    top = sum(sorted(time_share.values())[-3:], ZERO) if whole else NO_DATA
    gap: dict[str, Any] = {
        name: time_share.get(name, ZERO) - arr_share.get(name, ZERO)
        for name in time_share.keys() | arr_share.keys()
    }
    if not whole:
        time_share = dict.fromkeys(active, NO_DATA)
        gap = dict.fromkeys(active, NO_DATA)
    elif not total:
        gap = dict.fromkeys(time_share, UNDEFINED)
    ignored = [name for name in active if not spent.get(name)]
    days = {name: life.days_untouched(name) if life.has("activities") else 0 for name in active}
    untouched = [n for n, since in days.items() if not isinstance(since, Missing) and since >= 60]
    return {
        "time_share": time_share,
        "arr_share": arr_share,
        "gap": gap,
        "no_time_accounts": sorted(ignored),
        "neglected": sorted({*ignored, *untouched} - flagged(life)),
        "top3_time_share": top,
        "unattributed_hours": minutes([row for row in rows if row["account_id"] is None]) / 60,
    }


def flagged(life: Life) -> set[str]:
    """Accounts with an open warning that belongs to the renew question."""
    return {
        row["account_id"]
        for row in life.table("risk_flags")
        if row["raised_date"] <= life.as_of
        and (row["cleared_date"] is None or row["cleared_date"] > life.as_of)
        and row["metric_id"] in RENEW_FLAGS
    }
