"""What happened on either side of the lines, at the lines as they will flag."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tenure.signals.rates import Interval, wilson
from tenure.signals.thresholds.bins import Floats
from tenure.signals.thresholds.lines import Zone

Name = Literal["at_risk", "between", "healthy", "missing"]


@dataclass(frozen=True, slots=True)
class Row:
    """One zone: its rows, the events among them, their rate with Wilson's interval, and the ARR it holds."""

    zone: Name
    rows: int
    events: int
    rate: Interval
    arr: Decimal | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values; ARR as text, so that no decimal is lost."""
        return {
            "zone": self.zone,
            "rows": self.rows,
            "events": self.events,
            "rate": self.rate.to_list(),
            "arr": None if self.arr is None else str(self.arr),
        }


@dataclass(frozen=True, slots=True)
class ZoneTable:
    """The zones side by side, and what the at-risk one is worth.

    `base` is the rate where the value is known; `lift` the at-risk rate over it, `recall` the share of the events
    that lie at risk, `share` the rows flagged; `arr_share` the flagged part of the ARR that is known.
    """

    zones: tuple[Row, ...]
    base: float
    lift: float
    recall: Interval
    share: float
    arr_share: float | None

    @property
    def at_risk(self) -> Row:
        """The zone that flags."""
        return self.zones[0]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "zones": [zone.to_dict() for zone in self.zones],
            "base": self.base,
            "lift": None if np.isnan(self.lift) else self.lift,
            "recall": self.recall.to_list(),
            "share": self.share,
            "arr_share": self.arr_share,
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who it happened to, and the ARR of every row where it is known."""

    happened: NDArray[np.bool_]
    arr: tuple[Decimal | None, ...] | None = None


def zone_table(values: Floats, outcome: Outcome, at_risk: Zone, healthy: Zone) -> ZoneTable:
    """At risk, in between, healthy and missing; a row in both of two lines counts as at risk."""
    missing = np.isnan(values)
    flagged = at_risk.holds(values)
    safe = healthy.holds(values) & ~flagged
    between = ~missing & ~flagged & ~safe
    named: list[tuple[Name, NDArray[np.bool_]]] = [
        ("at_risk", flagged), ("between", between), ("healthy", safe), ("missing", missing),
    ]  # fmt: skip
    zones = tuple(_row(name, mask, outcome) for name, mask in named)
    known, events = int((~missing).sum()), int(outcome.happened[~missing].sum())
    base = events / known if known else np.nan
    lift = zones[0].rate.estimate / base if base else np.nan
    held = [zone.arr for zone in zones[:3] if zone.arr is not None]
    total = sum(held, Decimal(0))
    flagged_arr = zones[0].arr
    return ZoneTable(
        zones,
        base,
        float(lift),
        wilson(zones[0].events, events),
        zones[0].rows / known if known else 0.0,
        float(flagged_arr / total) if flagged_arr is not None and total else None,
    )


def _row(name: Name, mask: NDArray[np.bool_], outcome: Outcome) -> Row:
    rows, events = int(mask.sum()), int(outcome.happened[mask].sum())
    arr = None
    if outcome.arr is not None:
        parts = (outcome.arr[i] for i in np.flatnonzero(mask))
        arr = sum((part for part in parts if part is not None), Decimal(0))
    return Row(name, rows, events, wilson(events, rows), arr)
