"""Other lines for other aims, on one chart. They change the line, never the status."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from tenure.signals.thresholds.bins import Counts, Floats
from tenure.signals.thresholds.config import Config, Objective
from tenure.signals.thresholds.fit import Rows
from tenure.signals.thresholds.lines import Line

MONTH = 365.25 / 12


@dataclass(frozen=True, slots=True)
class Alternative:
    """A line that serves another aim; `line` None with a sentence why there is none.

    `value`: Youden's J, the net benefit in the currency of ARR, or the new flags per month.
    """

    objective: Objective
    line: Line | None
    value: float | Decimal | None
    says: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values; money as text."""
        value = str(self.value) if isinstance(self.value, Decimal) else self.value
        line = None if self.line is None else self.line.to_dict()
        return {"objective": self.objective, "line": line, "value": value, "says": self.says}


@dataclass(frozen=True, slots=True)
class Book:
    """ARR of every row, where it is known, and how many accounts stand at a typical landmark."""

    arr: tuple[Decimal | None, ...] | None
    accounts_at_once: float


def alternatives(found: Counts, rows: Rows, book: Book, config: Config) -> tuple[Alternative, ...]:
    """Youden's, the cost's and the capacity's line."""
    return (
        youden(found),
        cost(found, rows, book, config),
        capacity(found, book, config),
    )


def line_at(found: Counts, at: int) -> Line:
    """The line of the cut behind a bin, in whole numbers where the metric has only those."""
    value = found.cut(at)
    if found.grid.whole:
        value = float(np.ceil(value) if found.low_is_risk else np.floor(value))
        return Line(value, "<" if found.low_is_risk else ">")
    return Line(value, "<=" if found.low_is_risk else ">")


def youden(found: Counts) -> Alternative:
    """The largest sensitivity + specificity - 1; for comparison only."""
    events, others = found.events.astype(float), (found.rows - found.events).astype(float)
    if len(events) < 2 or not events.sum() or not others.sum():
        return Alternative("youden", None, None, "Nothing to divide.")
    j = (np.cumsum(events) / events.sum() - np.cumsum(others) / others.sum())[:-1]
    at = int(np.argmax(j))
    return Alternative("youden", line_at(found, at), float(j[at]), "For comparison only.")


def cost(found: Counts, rows: Rows, book: Book, config: Config) -> Alternative:
    """The line with the largest net benefit: what touches save, less what they cost, from the riskiest bin on."""
    if config.save_rate is None or config.touch_cost is None or book.arr is None:
        says = "Needs ARR, the cost of a touch, and the share it saves, measured or stated."
        return Alternative("cost", None, None, says)
    placed = rows.grid.bin if found.low_is_risk else np.where(
        rows.grid.bin < 0, -1, rows.grid.bins - 1 - rows.grid.bin
    )  # fmt: skip
    risk, net, best, at = isotonic(found), Decimal(0), Decimal(0), -1
    per_bin = [Decimal(0)] * len(found.rows)
    held = [0] * len(found.rows)
    for where, amount in zip(placed, book.arr, strict=True):
        if where >= 0 and amount is not None:
            per_bin[where] += amount
            held[where] += 1
    for place in range(len(found.rows) - 1):
        saved = Decimal(repr(float(risk[place]) * config.save_rate)) * per_bin[place]
        net += saved - Decimal(repr(config.touch_cost)) * held[place]
        if net > best:
            best, at = net, place
    if at < 0:
        return Alternative("cost", None, Decimal(0), "No line pays for its touches.")
    return Alternative("cost", line_at(found, at), best.quantize(Decimal("0.01")),
                       "Net benefit of touching everyone beyond it once.")  # fmt: skip


def capacity(found: Counts, book: Book, config: Config) -> Alternative:
    """The furthest line whose new flags per month the team can work."""
    if config.flags_a_month is None:
        return Alternative(
            "capacity", None, None, "Needs the new flags a team can work in a month."
        )
    months = config.horizon_days / MONTH
    a_month = np.cumsum(found.rows)[:-1] / found.rows.sum() * book.accounts_at_once / months
    within = np.flatnonzero(a_month <= config.flags_a_month)
    if not len(within):
        return Alternative("capacity", None, None, "Even the first cut raises more than that.")
    at = int(within[-1])
    return Alternative("capacity", line_at(found, at), float(a_month[at]), "New flags per month.")


def isotonic(found: Counts) -> Floats:
    """The risk per bin, never rising from the risky end on (pool adjacent violators)."""
    pools: list[list[float]] = []
    for events, rows in zip(found.events, found.rows, strict=True):
        pools.append([float(events), float(rows), 1.0])
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] <= pools[-1][0] * pools[-2][1]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    return np.concatenate([np.full(int(n), e / max(r, 1.0)) for e, r, n in pools])
