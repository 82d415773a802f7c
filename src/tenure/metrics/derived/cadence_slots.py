"""Derived fact `cadence_slots`: the stretches of time in which a planned touch was owed, and whether it came.

Grain: one row per slot that is over. Key: account_id, touch_type, slot_start, plan_start. Rests on touches; input:
cadence_plans; parameter: as_of, the last day that may end a slot. A plan cuts time from its start into
[start + k x interval, start + (k + 1) x interval); `calendar_month` plans owe whole civil months. A slot counts
if the plan still holds at its end. Three touches in one slot attain one slot.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from tenure.kernel.days import add_months, month_start
from tenure.metrics.derived.fact import DerivedFact

ANY = "any"


def slots_of(plan: Mapping[str, Any], until: date) -> Iterator[tuple[date, date]]:
    """The plan's slots [start, end) with end <= `until` and within the plan."""
    last = until if plan["end_date"] is None else min(until, plan["end_date"])
    if plan["calendar_month"]:
        start = month_start(plan["start_date"])
        start = start if start == plan["start_date"] else add_months(start, 1)
        while (end := add_months(start, 1)) <= last:
            yield start, end
            start = end
    elif plan["interval_days"]:
        start, step = plan["start_date"], timedelta(days=plan["interval_days"])
        while (end := start + step) <= last:
            yield start, end
            start = end


def touch_days(reading: Any, values: Mapping[str, Any]) -> dict[tuple[str, str], list[date]]:
    """The days of qualifying touches by account and type, `any` for all types, in order."""
    found: dict[tuple[str, str], list[date]] = defaultdict(list)
    touches = reading.relation("touches", values)
    for account_id, kind, day in reading.query(
        f"select distinct account_id, activity_type, day from {touches} order by day"  # noqa: S608 - our own name
    ):
        found[account_id, kind].append(day)
        if not found[account_id, ANY] or found[account_id, ANY][-1] != day:
            found[account_id, ANY].append(day)
    return found


def _rows(reading: Any, values: Mapping[str, Any]) -> Iterable[tuple[Any, ...]]:
    days = touch_days(reading, values)
    until = values["as_of"] + timedelta(days=1)
    for plan in reading.rows("cadence_plans"):
        kind = plan["touch_type"]
        touched = days.get((plan["account_id"], kind), [])
        for start, end in slots_of(plan, until):
            place = bisect_left(touched, start)
            hit = touched[place] if place < len(touched) and touched[place] < end else None
            yield (
                plan["account_id"], kind, plan["start_date"], start, end, hit, hit is not None,
                plan["account_id"], plan["source_file"], plan["source_line"],
            )  # fmt: skip


FACT = DerivedFact(
    id="cadence_slots",
    says="The stretches of time in which a planned touch was owed, and whether it came.",
    grain="one row per slot that is over",
    key=("account_id", "touch_type", "plan_start", "slot_start"),
    columns={
        "account_id": "id",
        "touch_type": "word",
        "plan_start": "date",
        "slot_start": "date",
        "slot_end": "date",
        "touched_on": "date",
        "is_attained": "bool",
    },  # fmt: skip
    needs=("cadence_plans", "activities"),
    reads=("activity_contacts", "account_assignments"),
    rests_on=("touches",),
    parameters=("as_of",),
    leads_to="cadence_plans",
    rows=_rows,
)
