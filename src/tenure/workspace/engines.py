"""Which engine makes a history: DuckDB in this process, or Spark wherever its executors are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tenure.kernel.errors import UnknownName, UserError
from tenure.lake.engines.current import CurrentRows
from tenure.metrics.compute import Computed

ENGINES = ("duckdb", "spark")


@dataclass(frozen=True, slots=True)
class Chosen:
    """An engine by name; `master` and `files_at` are Spark's alone (see `SparkEngine`).

    Raises:
        UnknownName: no such engine. UserError: DuckDB has no master.
    """

    engine: str = "duckdb"
    master: str | None = None
    files_at: str | None = None

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise UnknownName("engine", self.engine, ENGINES)
        if self.engine == "duckdb" and (self.master or self.files_at):
            raise UserError(
                "A master and a place of files were named, which only Spark has.",
                remedy="Add `--engine spark`, or leave them out.",
                code="engine.option",
            )

    @contextmanager
    def over(self, computed: Computed, facts: CurrentRows) -> Iterator[Computed]:
        """The same facts on the chosen engine; what it started is stopped at the end."""
        if self.engine == "duckdb":
            yield computed
            return
        from tenure.lake.engines.spark import SparkEngine

        own = facts.engine
        with SparkEngine(
            own.lake,
            own.snapshot,
            master=self.master,
            files_at=self.files_at,
            reading=own.reading,
        ) as engine:
            engine.expect(facts.tables())
            source = CurrentRows(engine, facts.snapshot, facts.delivered)
            yield Computed(source, computed.reading.on(source))
