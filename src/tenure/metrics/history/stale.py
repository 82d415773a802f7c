"""What a refresh has to do for a part: as-ofs to make from nothing, and numbers to look at again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tenure.lake.changes import Changed
from tenure.lake.refreshes import Part
from tenure.metrics.asked import Asked
from tenure.metrics.declaration import Metric
from tenure.metrics.history.parts import PartOf, tables_of
from tenure.metrics.history.reach import is_alone, sights, stale
from tenure.metrics.lateness import late_days, pacing
from tenure.metrics.questions import Defaults, Span, ask
from tenure.metrics.reading import Reading

News = Callable[[Mapping[str, int], Iterable[str]], Mapping[str, Changed]]
"""What some tables tell that they did not tell in the versions named."""


@dataclass(frozen=True, slots=True)
class Job:
    """Some metrics of a part on some as-ofs, of some accounts (None: of all)."""

    metrics: tuple[Metric, ...]
    days: tuple[date, ...]
    accounts: frozenset[str] | None

    @property
    def cells(self) -> int:
        """How many numbers it makes, those of all accounts on one day counted as one."""
        return len(self.metrics) * len(self.days)


@dataclass(frozen=True, slots=True)
class Todo:
    """`fresh`: as-ofs on which everything is made, whatever is kept; `again`: what is made beside what is kept."""

    part: PartOf
    fresh: tuple[date, ...] = ()
    again: tuple[Job, ...] = ()

    @property
    def cells(self) -> int:
        """How many numbers are made, those of all accounts on one day counted as one."""
        return len(self.part.metrics) * len(self.fresh) + sum(job.cells for job in self.again)

    @property
    def days(self) -> tuple[date, ...]:
        """Every as-of that is looked at."""
        return tuple(sorted({*self.fresh, *(day for job in self.again for day in job.days)}))


def todo(
    part: PartOf,
    days: Sequence[date],
    held: Part | None,
    news: News,
    *,
    said: Mapping[str, Any],
    defaults: Defaults,
    paced_by: Reading,
) -> Todo:
    """What is to be done so that the part holds on these days as if it were made now.

    Args:
        part: the part.
        days: the as-ofs that are wanted.
        held: the part as it is kept; None: it is not.
        news: what tables tell that is new.
        said: what the workspace says beside the declarations.
        defaults: what a question leaves out.
        paced_by: the facts, which say what sources were late when.
    """
    if held is None or held.digest != part.digest(said):
        return Todo(part, tuple(days))
    told = news(held.inputs, part.tables)
    if any(name not in held.inputs for name in told):
        return Todo(part, tuple(days))  # a table came for the first time: columns may be others
    there = [day for day in days if day in held.runs]
    found = [
        Job((metric,), _stale(metric, there, told, defaults), _accounts(metric, told))
        for metric in part.metrics
    ]
    fresh = set(days) - set(there)
    for metric in part.metrics:
        if not told.keys().isdisjoint(pacing(metric)):
            questions = _questions(metric, there, defaults)
            looked_to = [(asked.as_of, asked.day) for asked in questions]
            before = held.late.get(metric.id, frozenset()).intersection(there)
            fresh |= before ^ late_days(metric, paced_by, looked_to)
    if any(job.accounts is None for job in found):
        # Of everybody and of every metric: what is kept has no part in it.
        fresh |= set(there).intersection(*(job.days for job in found))
    return Todo(part, tuple(day for day in days if day in fresh), _together(found, fresh))


def _stale(
    metric: Metric, days: Sequence[date], told: Mapping[str, Changed], defaults: Defaults
) -> tuple[date, ...]:
    own = {name: told[name] for name in tables_of(metric) if name in told}
    if not own:
        return ()
    questions = _questions(metric, days, defaults)
    return stale([(asked.as_of, sights(metric, asked.known)) for asked in questions], own)


def _questions(metric: Metric, days: Sequence[date], defaults: Defaults) -> list[Asked]:
    return [
        ask(metric, Span(as_of=day), by=None, where=None, given={}, defaults=defaults)
        for day in days
    ]


def _accounts(metric: Metric, told: Mapping[str, Changed]) -> frozenset[str] | None:
    """Whose number may be another one; None: everybody's."""
    if not is_alone(metric):
        return None
    found: set[str] = set()
    for name in tables_of(metric):
        if name in told:
            accounts = told[name].accounts
            if accounts is None:
                return None
            found |= accounts
    return frozenset(found)


def _together(found: Iterable[Job], fresh: set[date]) -> tuple[Job, ...]:
    """Metrics with the same as-ofs and accounts are made together."""
    groups: dict[tuple[tuple[date, ...], frozenset[str] | None], list[Metric]] = {}
    for job in found:
        left = tuple(day for day in job.days if day not in fresh)
        if left and (job.accounts is None or job.accounts):
            groups.setdefault((left, job.accounts), []).extend(job.metrics)
    return tuple(Job(tuple(metrics), *key) for key, metrics in groups.items())
