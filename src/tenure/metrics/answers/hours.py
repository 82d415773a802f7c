"""Where the team's hours go: time_allocation_shares and customer_facing_share_qoq."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tenure.kernel.days import ONE_DAY, Period
from tenure.kernel.money import total
from tenure.kernel.unknown import Reason
from tenure.metrics.answers.coverage import coverage_period
from tenure.metrics.asked import Asked, Cut, Note, Result
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.reading import Reading, Row

CATEGORIES = ("customer_facing", "internal", "support_tickets", "qbr_prep", "uncategorised")
OTHER = "uncategorised"
HOUR = 60


def inside(reading: Reading, asked: Asked, period: Period) -> list[Row]:
    """Time totals of weeks that lie inside the period and are over by as_of, of the accounts asked for."""
    meant = reading.population(asked.where, asked.as_of) if asked.where else None
    return [
        row
        for row in reading.rows("time_totals")
        if row["week_start"] >= period.start
        and row["week_end"] <= period.end
        and row["week_end"] <= asked.as_of + ONE_DAY
        and (meant is None or row["account_id"] in meant)
    ]


def by_category(rows: Iterable[Row]) -> dict[str, Decimal]:
    """Minutes by category; words of the source that are none of ours are uncategorised."""
    minutes = dict.fromkeys(CATEGORIES, Decimal(0))
    for row in rows:
        minutes[row["category"] if row["category"] in minutes else OTHER] += row["minutes"]
    return minutes


def _shares(rows: Iterable[Row]) -> dict[str, float] | None:
    minutes = by_category(rows)
    whole = total(minutes.values())
    if not whole:
        return None
    return {name: float(Fraction(own) / Fraction(whole)) for name, own in minutes.items()}


def _hours(rows: Iterable[Row]) -> Decimal:
    return total(row["minutes"] for row in rows) / HOUR


def _why(rows: list[Row], asked: Asked) -> Reason | None:
    """Why shares are not shown: nothing tracked, or too few hours."""
    if not any(row["minutes"] for row in rows):
        return "no_data"
    return "withheld" if _hours(rows) < Decimal(str(asked.parameters["min_hours"])) else None


def time_allocation_shares(reading: Reading, asked: Asked) -> Result:
    """Pooled minutes of each category over all minutes; uncategorised included, so that they add up to 1."""
    rows = inside(reading, asked, asked.period)
    why = _why(rows, asked)
    shares = None if why else _shares(rows)
    cuts = []
    for person, own in sorted(_by_person(rows).items()) if asked.by == "csm" else ():
        reason = _why(own, asked)
        parts = {"shares": None if reason else _shares(own), "total_hours": _hours(own)}
        cuts.append(Cut(person, None, len(own), parts, reason))
    return Result(
        value=None,
        unknown=why,
        components={"shares": shares, "total_hours": _hours(rows)},
        reasons={"shares": why} if why else {},
        cuts=cuts,
        n=len(rows),
        notes=week_notes(reading, asked.period),
        rows=sources(rows),
    )


def customer_facing_share_qoq(reading: Reading, asked: Asked) -> Result:
    """The customer-facing share now and in the period before, with the change in points."""
    before = inside(reading, asked, coverage_period(asked))
    now = inside(reading, asked, asked.period)
    people = sorted({row["user_id"] for row in (*before, *now)})
    old, new = _by_person(before), _by_person(now)
    reasons: dict[str, Reason] = {}
    by_csm = {
        person: _change(
            old.get(person, []), new.get(person, []), asked, f"by_csm.{person}", reasons
        )
        for person in people
    }
    team = _change(before, now, asked, "team", reasons)
    change = team["change_pp"]
    direction = (
        None
        if change is None
        else "growing"
        if change > 0
        else "shrinking"
        if change < 0
        else "flat"
    )
    if direction is None:
        reasons["direction"] = reasons["team.change_pp"]
    cuts = [
        Cut(
            person,
            own["change_pp"],
            len(new.get(person, [])),
            own,
            reasons.get(f"by_csm.{person}.change_pp"),
        )
        for person, own in by_csm.items()
    ]
    return Result(
        value=change,
        unknown=reasons.get("team.change_pp"),
        components={"by_csm": by_csm, "team": team, "direction": direction},
        reasons=reasons,
        cuts=cuts if asked.by == "csm" else [],
        n=len(people),
        notes=week_notes(reading, asked.period),
        rows=sources([*before, *now]),
    )


def _change(
    old: list[Row], new: list[Row], asked: Asked, path: str, reasons: dict[str, Reason]
) -> dict[str, Any]:
    shares: list[Fraction | None] = []
    for name, rows in (("previous", old), ("current", new)):
        why = _why(rows, asked)
        if why:
            reasons[f"{path}.{name}"] = reasons[f"{path}.change_pp"] = why
        minutes = by_category(rows)
        whole = total(minutes.values())
        shares.append(None if why else Fraction(minutes["customer_facing"]) / Fraction(whole))
    one, other = shares
    change = None if one is None or other is None else float((other - one) * 100)
    return {
        "previous": None if one is None else float(one),
        "current": None if other is None else float(other),
        "change_pp": change,
    }


def _by_person(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["user_id"]].append(row)
    return found


def week_notes(reading: Reading, period: Period) -> list[Note]:
    """Said where the period cuts weeks: those that reach over its ends are left out."""
    cut = {
        row["week_start"]
        for row in reading.rows("time_totals")
        if row["week_start"] < period.end < row["week_end"]
        or row["week_start"] < period.start < row["week_end"]
    }
    if not cut:
        return []
    return [
        Note(
            "notice",
            "time.weeks_cut",
            "Weeks that reach over the ends of the period are left out: "
            + ", ".join(f"the one of {day}" for day in sorted(cut))
            + ".",
            "Ask whole months or quarters; weeks are cut at month ends.",
        )
    ]


def sources(rows: Iterable[Mapping[str, Any]]) -> list[SourceRow]:
    """The source rows of time totals."""
    return [
        SourceRow("time_totals", row["user_id"], row["source_file"], row["source_line"])
        for row in rows
    ]
