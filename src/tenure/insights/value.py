"""What a customer has got out of it, and given back: goals, first value, acts of advocacy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tenure.insights.happened import ONCE
from tenure.insights.plan import name_of

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Value:
    """`goals` agreed by the day, `reached` of them, `next_goal` the open one due first (with its day, if any).

    `first_value_on` is None where the first value is still to come; `deeds` counts acts of advocacy by kind in words.
    """

    goals: int
    reached: int
    next_goal: str
    next_on: date | None
    first_value_on: date | None
    deeds: Mapping[str, int]
    last_deed_on: date | None

    @property
    def is_known(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.goals or self.first_value_on or self.deeds)


def value(goals: Iterable[Row], advocacy: Iterable[Row], day: date) -> Value:
    """The value block as of the day."""
    agreed = [
        row
        for row in goals
        if (row["set_date"] is None or row["set_date"] <= day) and row["status"] != "dropped"
    ]
    done = [r for r in agreed if r["achieved_date"] is not None and r["achieved_date"] <= day]
    waiting = [r for r in agreed if r not in done]
    waiting.sort(key=lambda r: (r["target_date"] is None, r["target_date"] or date.max, r["name"] or ""))  # fmt: skip
    first = [r["achieved_date"] for r in done if r["is_first_value"]]
    acts = [
        row
        for row in advocacy
        if row["event_date"] is not None and row["event_date"] <= day and row["status"] in ONCE
    ]
    deeds: dict[str, int] = {}
    for row in acts:
        word = name_of(row["event_type"])
        deeds[word] = deeds.get(word, 0) + 1
    return Value(
        goals=len(agreed),
        reached=len(done),
        next_goal=(waiting[0]["name"] or "a goal without a name") if waiting else "",
        next_on=waiting[0]["target_date"] if waiting else None,
        first_value_on=min(first, default=None),
        deeds=dict(sorted(deeds.items())),
        last_deed_on=max((row["event_date"] for row in acts), default=None),
    )
