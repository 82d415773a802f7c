"""A company's facts of which some tables were never delivered, and what each metric says about them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from metrics.memory import Memory
from tenure.metrics.answer import Answer
from tenure.metrics.compute import Computed, compute
from tenure.metrics.declaration import built_in
from tenure.metrics.questions import Defaults, Span, ask
from tenure.metrics.reading import Reading

AS_OF = "2026-03-31"
DEFAULTS = Defaults(today=date(2026, 3, 31), reporting_currency="USD", gross_margin=0.8)
ASKED: dict[str, dict[str, Any]] = {
    "co_term_proration": {"line": "alder-2-a", "days_remaining": 92},
    "threshold_calibration": {"metric": "seat_utilization"},
    "time_to_activation": {"activation_feature": "f-core"},
    "trend_label": {"rows": '[["nrr", 100, 103, "up"]]'},
}
"""What a metric cannot be asked without."""


class Delivered(Memory):
    """Some tables of a company that is already in memory, as views in a schema of their own."""

    def __init__(self, company: Memory, names: Collection[str], *, number: int) -> None:
        self.names = set(names)
        self.connection = company.connection.cursor()
        self.connection.execute(f"create schema s{number}")
        for name in self.names:
            self.connection.execute(
                f'create view s{number}."{name}" as select * from main."{name}"'
            )
        self.connection.execute(f"use s{number}")


def said(source: Memory, metric: str, reading: Reading | None = None, **more: Any) -> Answer:
    """The answer of one metric on the day the company is read; of a year where it takes a period."""
    declared = built_in().metrics[metric]
    days = (None, None) if declared.period == "none" else ("2025-04-01", "2026-04-01")
    asked = ask(
        declared,
        Span(*days, None, AS_OF),
        by=None,
        where=None,
        given=ASKED.get(metric, {}) | more,
        defaults=DEFAULTS,
    )
    where_from = Computed(source, reading or Reading(source, "USD", catalogue=built_in()))
    return compute(declared, asked, where_from)


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    """Every value that is no map and no list, by the way to it; an empty map or list is a leaf."""
    if isinstance(value, Mapping) and value:
        parts = [leaves(part, f"{path}.{key}" if path else str(key)) for key, part in value.items()]
    elif isinstance(value, list | tuple) and value:
        parts = [{path: [part for part in value if not isinstance(part, Mapping | list)]}]
        parts += [
            leaves(part, f"{path}.{place}")
            for place, part in enumerate(value)
            if isinstance(part, Mapping | list)
        ]
    else:
        return {path: value}
    return {name: leaf for part in parts for name, leaf in part.items()}
