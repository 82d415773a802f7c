"""Touch rhythm: cadence_attainment and days_past_cadence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tenure.kernel.days import Period, add_months, month_start
from tenure.kernel.money import ratio
from tenure.kernel.unknown import Reason
from tenure.metrics.answers.opening import by_cut
from tenure.metrics.asked import Asked, Cut, Note, Result
from tenure.metrics.derived.cadence_slots import ANY, touch_days
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.reading import Reading, Row


@dataclass(frozen=True, slots=True)
class Kept:
    """How many slots of one touch type were due, and in how many the touch came."""

    due: int
    attained: int

    @property
    def value(self) -> float:
        """Attained over due; due is at least 1."""
        return self.attained / self.due


def cadence_attainment(reading: Reading, asked: Asked) -> Result:
    """Slots attained of those due in the period; an account is as covered as its worst touch type."""
    chosen = reading.begun_accounts(asked)
    found = attainment(reading, asked, asked.period)
    planned = {row["account_id"] for row in reading.rows("cadence_plans")}
    reasons: dict[str, Reason] = {
        f"by_account.{a}": "undefined" if a in planned else "no_data"
        for a in chosen
        if a not in found
    }
    rate, value = _rate(found, chosen), _pooled(found, chosen)
    if rate is None:
        reasons["coverage_rate"] = "undefined"
    cuts = []
    for key, own in by_cut(reading, asked, chosen).items():
        due = sum(1 for a in own if a in found)
        parts = {"coverage_rate": _rate(found, own), "accounts_with_due_slots": due}
        cuts.append(Cut(key, _pooled(found, own), due, parts, None if due else "undefined"))
    due_accounts = [a for a in chosen if a in found]
    return Result(
        value=value,
        unknown=None if value is not None else "undefined",
        components={
            "by_account": {a: _entry(found.get(a), asked.parameters["detail"]) for a in chosen},
            "coverage_rate": rate,
            "accounts_with_due_slots": len(due_accounts),
        },
        reasons=reasons,
        cuts=cuts,
        n=len(due_accounts),
        notes=attendance_notes(reading),
        rows=[
            _plan_source(row) for row in reading.rows("cadence_plans") if row["account_id"] in found
        ],
    )


def attainment(reading: Reading, asked: Asked, period: Period) -> dict[str, Kept]:
    """Per account with a slot due in (start, end], the touch type kept worst."""
    last = asked.as_of + timedelta(days=1)
    counts: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for slot in reading.derived("cadence_slots", asked.known):
        if period.start < slot["slot_end"] <= min(period.end, last):
            count = counts[slot["account_id"]][slot["touch_type"]]
            count[0] += 1
            count[1] += slot["is_attained"]
    # The lowest share; of equal ones the one with more due, then by its name, so that the choice is stable.
    return {
        account_id: Kept(*min(kinds.items(), key=lambda k: (k[1][1] / k[1][0], -k[1][0], k[0]))[1])
        for account_id, kinds in counts.items()
    }


def _rate(found: Mapping[str, Kept], accounts: Iterable[str]) -> float | None:
    due = [found[a] for a in accounts if a in found]
    return ratio(sum(1 for kept in due if kept.attained == kept.due), len(due))


def _pooled(found: Mapping[str, Kept], accounts: Iterable[str]) -> float | None:
    """Slots attained over slots due, of each account's worst touch type."""
    due = [found[a] for a in accounts if a in found]
    return ratio(sum(kept.attained for kept in due), sum(kept.due for kept in due))


def _entry(kept: Kept | None, detail: str) -> Any:
    if kept is None:
        return None
    if detail == "value":
        return kept.value
    return {"slots_due": kept.due, "slots_attained": kept.attained, "value": kept.value}


def days_past_cadence(reading: Reading, asked: Asked) -> Result:
    """Days since the last touch of the planned type beyond the plan's interval; the worst plan in force."""
    as_of, chosen = asked.as_of, reading.begun_accounts(asked)
    days = touch_days(reading, asked.known)
    past: dict[str, int] = {}
    sources = []
    for plan in reading.rows("cadence_plans"):
        account_id = plan["account_id"]
        is_over = plan["end_date"] is not None and plan["end_date"] <= as_of
        if plan["start_date"] > as_of or is_over:
            continue
        kind = plan["touch_type"]
        touched = [day for day in days.get((account_id, kind), []) if day <= as_of]
        since = touched[-1] if touched else _since(plan, reading.began(account_id))
        if since is None:
            continue
        past[account_id] = max(past.get(account_id, 0), _days_past(plan, since, as_of))
        sources.append(_plan_source(plan))
    active = reading.active_accounts(asked)
    threshold = asked.parameters["threshold_days"]
    return Result(
        value=None,
        components={
            "by_account": {a: past.get(a) for a in chosen},
            "overdue_30_plus": [a for a in chosen if a in active and past.get(a, -1) >= threshold],
        },
        reasons={f"by_account.{a}": "no_data" for a in chosen if a not in past},
        n=sum(1 for a in chosen if a in past),
        notes=attendance_notes(reading),
        rows=sources,
    )


def _since(plan: Row, began: date | None) -> date | None:
    """Never touched: from the account's start; by a plan of one type from the plan's start, if that is later."""
    if plan["touch_type"] == ANY:
        return began
    start: date = plan["start_date"]
    return start if began is None else max(began, start)


def _days_past(plan: Row, since: date, as_of: date) -> int:
    if plan["calendar_month"]:
        due = add_months(month_start(since), 2) - timedelta(days=1)
    else:
        due = since + timedelta(days=plan["interval_days"])
    return max(0, (as_of - due).days)


def attendance_notes(reading: Reading) -> list[Note]:
    """Said where nobody can tell who attended a meeting, and every completed one is taken as attended."""
    if reading.has("activity_contacts"):
        return []
    return [
        Note(
            "notice",
            "attendees.unknown",
            "No attendees have been delivered, so a completed meeting counts without asking who came.",
            "Import activity_contacts.",
        )
    ]


def _plan_source(row: Row) -> SourceRow:
    return SourceRow("cadence_plans", row["account_id"], row["source_file"], row["source_line"])
