"""How sources, rhythms and mappings are put into words on the Data pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tenure.facts.mapping import Mapping as SourceMapping
from tenure.facts.mapping import Take, Value, as_take
from tenure.kernel.wording import counted
from tenure.workspace.feeds import FEWEST_DELIVERIES, Feed

MOST_NAMED = 3
OURS = {"tenure-desk": "Entered here"}


@dataclass(frozen=True, slots=True)
class FeedShown:
    """A source with its words; `metrics` are titles by id."""

    feed: Feed
    title: str
    age: str
    rhythm: str
    metrics: Mapping[str, str]
    silent: tuple[tuple[str, date], ...]

    @property
    def first_metrics(self) -> str:
        """A few of the metrics that depend on it, and how many more."""
        return _first(list(self.metrics.values()))

    @property
    def first_tables(self) -> str:
        """A few of the tables it feeds, and how many more."""
        return _first(self.feed.tables)


def shown(feed: Feed, titles: Mapping[str, str], today: date) -> FeedShown:
    """The source as the pages show it."""
    del today
    return FeedShown(
        feed,
        OURS.get(feed.name, feed.name or "without a name"),
        age_said(feed.age),
        rhythm_said(feed),
        {metric: titles.get(metric, metric) for metric in feed.metrics},
        tuple(feed.silent.items()),
    )


def _first(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def age_said(age: int | None) -> str:
    """`today`, `yesterday`, `12 days ago`."""
    if age is None:
        return "never"
    return {0: "today", 1: "yesterday"}.get(age, f"{age} days ago")


def rhythm_said(feed: Feed) -> str:
    """What was expected of it."""
    if feed.rhythm is None:
        return f"no rhythm yet (fewer than {FEWEST_DELIVERIES} deliveries)"
    every = "daily" if feed.rhythm == 1 else f"every {feed.rhythm} days"
    return f"expected {every}" if feed.is_declared else f"usually {every}"


def mapping_lines(mapping: SourceMapping) -> list[dict[str, Any]]:
    """By file: the names it goes by, and by table each of our columns with where it comes from."""
    return [
        {
            "match": ", ".join(file.match),
            "reading": ", ".join(
                f"{name.replace('_', ' ')} {value}"
                for name in ("date_order", "decimal", "time_zone", "encoding", "delimiter")
                if (value := getattr(file, name))
            ),
            "tables": [
                (
                    table.id,
                    [(column, value_said(value)) for column, value in target.columns.items()],
                )
                for table, target in file.targets()
            ],
        }
        for file in mapping.files.values()
    ]


def value_said(value: Value) -> str:
    """A take in words: `Tier; Gold is enterprise`, `always USD`, `the earliest of Since, First order`."""
    take = as_take(value)
    said = _origin(take)
    if take.prefix:
        said += f", with {take.prefix} before it"
    if take.convert:
        said += f", turned by {take.convert.replace('_', ' ')}"
    if take.words:
        told = [
            f"{theirs or 'empty'} is {ours or 'no value'}" for theirs, ours in take.words.items()
        ]
        said += "; " + ", ".join(told[:6]) + (f" and {len(told) - 6} more" if len(told) > 6 else "")
    if take.when:
        said += f", only when {', '.join(take.when)} says so"
    return said


def _origin(take: Take) -> str:
    if take.lookup is not None:
        where = take.lookup.file or take.lookup.table
        return f"{take.lookup.column} of {where}, found by {_named(take)}"
    if take.calc:
        parts = ", ".join(_origin(as_take(part)) for part in take.of)
        return f"{take.calc.replace('_', ' ')} of {parts}"
    return _named(take) if take.column else f"always {take.constant or 'empty'}"


def _named(take: Take) -> str:
    return take.column or "a value"


def bytes_said(size: int) -> str:
    """`12 kB`, `3.4 MB`."""
    if size < 1000:
        return counted(size, "byte")
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"
