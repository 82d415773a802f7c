"""How a metric is spoken of: its unit, which side is said to be good, what it is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tenure.kernel.errors import UnknownName, UserError
from tenure.signals.thresholds.lines import Line

Better = Literal["higher", "lower"]
UNITS = ("", "days", "percent", "share")


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric column; `better` is what its declaration says, None where it says nothing.

    `unit`: "days", "percent" (20 is 20 %), "share" (0.2 is 20 %) or none.
    """

    name: str
    unit: str = ""
    better: Better | None = None
    source: str = ""

    def number(self, value: float, *, whole: bool = False) -> str:
        """A value as people read it."""
        if self.unit == "share":
            return f"{_plain(value * 100)} %"
        text = f"{round(value):,}" if whole else _plain(value)
        return text + {"percent": " %", "days": " days"}.get(self.unit, "")

    def line(self, line: Line, *, whole: bool = False) -> str:
        """`below 20 %`, `with more than 30 days`."""
        words = {"<": "below", "<=": "at or below", ">": "above", ">=": "at or above"}
        if whole:
            words |= {"<": "with fewer than", ">": "with more than"}
        return f"{words[line.sign]} {self.number(line.value, whole=whole)}"


def _plain(value: float) -> str:
    """Up to three significant digits, and all those before the point."""
    if value == 0 or not abs(value) < 1e15:
        return f"{value:g}"
    text = f"{value:,.{max(0, 2 - _magnitude(value))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _magnitude(value: float) -> int:
    return int(f"{abs(value):e}".split("e")[1])


def metrics(named: Iterable[str] | Mapping[str, Any]) -> tuple[Metric, ...]:
    """Metrics from names, or from a mapping of names to what is said of them (`unit`, `better`, `source`).

    Without a word on its unit a metric is in days where its name says so.

    Raises:
        UserError: what is said of a metric cannot be read, or a metric is named twice.
    """
    if isinstance(named, str):
        named = [named]
    said = named if isinstance(named, Mapping) else {}
    names = list(named)
    if not names or len(set(names)) < len(names):
        raise UserError(
            "Metrics are named twice, or none is named.",
            remedy="Name every metric column once.",
            code="panel.metrics",
        )
    return tuple(_metric(name, said.get(name) or {}) for name in names)


def _metric(name: str, said: Mapping[str, Any]) -> Metric:
    for key in said:
        if key not in ("unit", "better", "source"):
            raise UnknownName("word on a metric", key, ["unit", "better", "source"], where=name)
    in_days = name.endswith("_days") or name.startswith("days_")
    unit, better = said.get("unit", "days" if in_days else ""), said.get("better")
    if unit not in UNITS:
        raise UnknownName("unit", str(unit), [u for u in UNITS if u], where=name)
    if better not in (None, "higher", "lower"):
        raise UnknownName("side", str(better), ["higher", "lower"], where=name)
    return Metric(name, unit, better, str(said.get("source", "")))
