"""A person's figures as their page writes them: a value or its reason, what it rests on, and the same person earlier."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tenure.insights.person import Figure
from tenure.kernel.wording import UNKNOWN_WORDS, shown
from tenure.metrics.declaration import Catalogue, Metric

NOT_FOR = "Not for pay, not for discipline, and no measure of a person against another."

NAMES = {"qbr_prep": "QBR preparation", "customer_facing": "Customer-facing"}


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """One figure in words. `parts` are name, value and earlier value of a figure that is no single number."""

    title: str
    says: str
    value: str
    why: str
    n: int
    before: str
    sources: str
    parts: list[tuple[str, str, str]]


def shown_figures(figures: Iterable[Figure], catalogue: Catalogue) -> list[ShownFigure]:
    """The figures in their kept order; of a metric that is no longer declared there is nothing to say."""
    declared = {metric.id: metric for metric in catalogue}
    return [_shown(one, declared[one.metric]) for one in figures if one.metric in declared]


def _shown(one: Figure, metric: Metric) -> ShownFigure:
    return ShownFigure(
        title=metric.title,
        says=metric.says,
        value="" if one.value is None else _in_unit(one.value, metric.unit),
        why=_why(one.why, one.n) if one.value is None and not one.parts else "",
        n=one.n,
        before=_before(one, metric),
        sources=", ".join(metric.needs),
        parts=[
            (
                _name(name),
                _part(metric, name, value),
                _part(metric, name, one.before_parts.get(name)),
            )
            for name, value in one.parts.items()
        ],
    )


def _before(one: Figure, metric: Metric) -> str:
    if one.before is not None:
        return _in_unit(one.before, metric.unit)
    return "" if one.before_parts else _why(one.before_why, one.before_n)


def _why(reason: str, n: int) -> str:
    if reason == "withheld":
        return f"withheld: it rests on only {n}"
    return UNKNOWN_WORDS.get(reason, "no data")


def _name(path: str) -> str:
    """`shares.support_tickets` as `Support tickets`."""
    name = path.rpartition(".")[2]
    return NAMES.get(name, name.replace("_", " ").capitalize())


def _part(metric: Metric, path: str, value: Any) -> str:
    """A part in the unit that the declaration says of it."""
    if value is None:
        return "–"
    said = metric.components.get(path.partition(".")[0], "")
    is_ratio = "ratio" in said
    return _in_unit(float(value) if is_ratio else value, "ratio" if is_ratio else "")


def _in_unit(value: Any, unit: str) -> str:
    """With a true minus sign."""
    text = shown(value, unit)
    return f"−{text[1:]}" if text.startswith("-") else text
