"""Measures of one account or of several added up, and what is made of accounts together."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tenure.kernel.money import ZERO
from tenure.kernel.unknown import REASONS, Reason
from tenure.metrics.declaration import COUNTING, Measure, Metric
from tenure.metrics.expressions import final
from tenure.metrics.gives import Part


@dataclass(slots=True)
class Parts:
    """The measures of one account, or of several added up: value, rows that hold it, rows that lack it."""

    values: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    gaps: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, measure: Measure, value: Any, rows: int, gaps: int) -> None:
        """Take in one more piece of a measure."""
        known = self.values.get(name)
        self.values[name] = value if known is None else _joined(measure, known, value)
        self.rows[name] = self.rows.get(name, 0) + rows
        self.gaps[name] = self.gaps.get(name, 0) + gaps


def _joined(measure: Measure, one: Any, other: Any) -> Any:
    if other is None:
        return one
    if measure.aggregate in ("min", "max"):
        return min(one, other) if measure.aggregate == "min" else max(one, other)
    return (one or other) if measure.aggregate == "any" else one + other


Values = tuple[dict[str, Any], dict[str, Reason]]


def measured(metric: Metric, parts: Parts | None) -> Values:
    """Each measure's value, and the reason of each that is Unknown."""
    values: dict[str, Any] = {}
    reasons: dict[str, Reason] = {}
    for name, measure in metric.measures.items():
        rows, gaps = (0, 0) if parts is None else (parts.rows.get(name, 0), parts.gaps.get(name, 0))
        value = None if parts is None else parts.values.get(name)
        if measure.aggregate == "list":
            values[name] = list(value or [])
        elif not rows and not gaps:
            nothing = measure.without_rows
            is_reason = nothing in REASONS
            values[name] = None if is_reason else _zero(measure, nothing)
            if is_reason:
                reasons[name] = nothing  # type: ignore[assignment]  # one of REASONS
        elif measure.aggregate == "mean":
            values[name] = Fraction(value) / rows if rows and value is not None else None
        else:
            counts = measure.aggregate in COUNTING
            values[name] = _zero(measure, 0) if counts and not rows else value if rows else None
        lacks = gaps and measure.aggregate in ("sum", "list", "distinct")
        if (lacks and measure.missing == "unknown") or (
            values[name] is None and name not in reasons
        ):
            values[name], reasons[name] = None, "no_data"
    return values, reasons


def _zero(measure: Measure, nothing: Any) -> Any:
    """No rows as a number; a sum that is money stays a Decimal."""
    return ZERO if measure.aggregate == "sum" and measure.convert else nothing


def rolled_up(name: str, part: Part, known: list[Any]) -> tuple[Any, dict[str, Reason]]:
    """Share, count, mean, median or sum over the accounts where the expression is known."""
    if part.kind == "count":
        return sum(1 for found in known if found), {}
    if not known:
        return None, {name: "undefined"}
    if part.kind == "share":
        return float(Fraction(sum(1 for found in known if found), len(known))), {}
    if part.kind == "sum":
        return final(sum(known[1:], known[0])), {}
    if part.kind == "mean":
        return float(sum(Fraction(found) for found in known) / len(known)), {}
    ordered = sorted(Fraction(found) for found in known)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return float(ordered[middle]), {}
    return float((ordered[middle - 1] + ordered[middle]) / 2), {}


def zone_of(metric: Metric, value: Any) -> str:
    """The zone of the first threshold the exact value meets; `neutral` where it meets none."""
    for line in metric.thresholds:
        if not line.on and line.is_met(value):
            return line.zone
    return "neutral"
