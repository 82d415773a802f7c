"""The parts of a history: metrics that are computed and kept together, and what each rests on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tenure.metrics.declaration import Metric
from tenure.metrics.derived.tier import TIER, reads_of
from tenure.metrics.history.made import has_history

EVERYONE = ("accounts", "account_assignments", "contract_lines", "contracts")
"""Tables that say who there is and who is active, which every metric asks."""


@dataclass(frozen=True, slots=True)
class PartOf:
    """A part by name with its metrics, sorted by id."""

    name: str
    metrics: tuple[Metric, ...]

    @property
    def tables(self) -> frozenset[str]:
        """Every table any of its metrics looks at."""
        return frozenset().union(*(tables_of(metric) for metric in self.metrics))

    def digest(self, said: Mapping[str, Any]) -> str:
        """Of everything declared that shapes its numbers: the metrics, and what the workspace says."""
        text = repr((self.name, self.metrics, sorted(said.items(), key=str)))
        return hashlib.sha256(text.encode()).hexdigest()


def tables_of(metric: Metric) -> frozenset[str]:
    """Every table the metric looks at, those of the facts it rests on included."""
    found = set(EVERYONE)
    for name in (*metric.needs, *metric.reads):
        found |= set(name.split(" or "))
    for measure in metric.measures.values():
        found |= set(reads_of(measure.from_))
    for fact in metric.derived:
        found |= set(reads_of(fact)) if fact in TIER else set()
    return frozenset(found)


def parts_of(metrics: Iterable[Metric]) -> list[PartOf]:
    """Shipped metrics by what they are about; each metric of the workspace's own by itself.

    So a metric added in `catalogue/` costs its own numbers and no others.
    """
    groups: dict[str, list[Metric]] = {}
    for metric in metrics:
        if has_history(metric):
            own = metric.origin != "built in" or metric.preset is not None
            group = "other" if metric.category == "none" else metric.category
            name = f"own_{metric.id}" if own else group
            groups.setdefault(name, []).append(metric)
    return [
        PartOf(name, tuple(sorted(found, key=lambda m: m.id)))
        for name, found in sorted(groups.items())
    ]
