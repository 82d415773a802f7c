"""The facts as they are, but of the heaviest table only the rows of some accounts: where few have news, few are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from tenure.lake.engines.current import CurrentRows
from tenure.lake.engines.duckdb import Engine
from tenure.lake.engines.views import HEAVIEST
from tenure.metrics.compute import Computed
from tenure.metrics.declaration import Metric
from tenure.metrics.history.parts import tables_of
from tenure.metrics.reading import Reading


@contextmanager
def within(
    computed: Computed, accounts: frozenset[str] | None, metrics: Sequence[Metric]
) -> Iterator[Computed]:
    """The facts for these accounts' numbers; the very same ones where all are meant or nothing heavy is read."""
    facts = computed.source
    assert isinstance(facts, CurrentRows)  # noqa: S101 - a lake's history is made of its rows
    if accounts is None or not any(HEAVIEST in tables_of(metric) for metric in metrics):
        yield computed
        return
    whole, reading = facts.engine, computed.reading
    with Engine(
        whole.lake,
        whole.snapshot,
        reading=replace(whole.reading, within=accounts),
        limits=whole.limits,
        same=whole.same,
    ) as engine:
        engine.expect(engine.tables())
        source = CurrentRows(engine, facts.snapshot, facts.delivered)
        own = Reading(source, reading.reporting_currency, reading.time_zone, reading.catalogue)
        yield Computed(source, own)
