"""Facts from plain Python rows, so that a metric can be tested without a lake."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import duckdb

from tenure.facts.table import SQL_TYPES, table
from tenure.metrics.answer import Answer
from tenure.metrics.compute import Computed, compute
from tenure.metrics.declaration import built_in
from tenure.metrics.questions import Defaults, Span, ask
from tenure.metrics.reading import Reading


class Memory:
    """Rows by table, typed as the lake would type them."""

    snapshot = 1

    def __init__(self, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        self.connection = duckdb.connect()
        self.names = set(rows)
        for name, own in rows.items():
            columns = {c: SQL_TYPES[column.type] for c, column in table(name).columns.items()}
            columns |= {"source_file": "VARCHAR", "source_line": "BIGINT"}
            defined = ", ".join(f'"{c}" {kind}' for c, kind in columns.items())
            self.connection.execute(f'create table "{name}" ({defined})')
            values = [
                [row.get(c) for c in columns][:-2] + [f"{name}.csv", number + 2]
                for number, row in enumerate(own)
            ]
            self._fill(name, list(columns.values()), list(zip(*values, strict=True)))

    def tables(self) -> set[str]:
        return self.names

    def rows(self, table_name: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        chosen = ", ".join(f'"{c}"' for c in columns)
        return self.connection.execute(f'select {chosen} from "{table_name}"').fetchall()

    def query(
        self, tree: Any, parameters: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        text = tree if isinstance(tree, str) else tree.sql(dialect="duckdb", copy=False)
        return self.connection.execute(text, dict(parameters) if parameters else None).fetchall()

    def keep(self, name: str, text: str) -> None:
        self.connection.execute(f'create or replace table "{name}" as {text}')

    def roll(self, name: str, table: str, select: Callable[[str, date | None], str]) -> None:
        self.keep(name, select(f'"{table}"', None))

    def register(
        self,
        name: str,
        columns: Mapping[str, Sequence[Any]],
        *,
        types: Mapping[str, str] | None = None,
    ) -> None:
        kinds = types or {}
        defined = ", ".join(f'"{column}" {kinds[column]}' for column in columns)
        self.connection.execute(f'create or replace table "{name}" ({defined})')
        self._fill(name, [kinds[column] for column in columns], list(columns.values()))

    def _fill(self, name: str, kinds: Sequence[str], values: Sequence[Sequence[Any]]) -> None:
        """Text by column, read as the lake would type it: a row at a time takes eight times as long."""
        texts = [[None if v is None else str(v) for v in own] for own in values]
        if texts and texts[0]:
            typed = ", ".join(f"cast(unnest(?::varchar[]) as {kind})" for kind in kinds)
            self.connection.execute(f'insert into "{name}" select {typed}', texts)

    def drop(self, name: str) -> None:
        self.connection.execute(f'drop table if exists "{name}"')


class InMemory:
    """A company that answers as a workspace does, without one; questions in one currency share a reading."""

    def __init__(
        self,
        rows: Mapping[str, Sequence[Mapping[str, Any]]],
        *,
        reporting_currency: str = "USD",
        time_zone: str = "UTC",
        gross_margin: float | None = None,
    ) -> None:
        self.memory, self.time_zone = Memory(rows), time_zone
        self.defaults = Defaults(date(2026, 11, 23), reporting_currency, gross_margin)
        self.readings: dict[str, Reading] = {}

    def metric(self, name: str, **said: Any) -> Answer:
        """One metric's answer; takes what `Workspace.metric` takes, but for `as_known_on`."""
        declared, preset = built_in().find(name)
        component = preset.pop("component", "")
        span = Span(*(said.pop(word, None) for word in ("start", "end", "period", "as_of")))
        by = said.pop("by", preset.pop("by", None))
        asked = ask(
            declared,
            span,
            by=by,
            where=said.pop("where", None),
            given=preset | said,
            defaults=self.defaults,
        )
        currency = asked.reporting_currency
        if currency not in self.readings:
            self.readings[currency] = Reading(
                self.memory, currency, self.time_zone, catalogue=built_in()
            )
        return compute(
            declared, asked, Computed(self.memory, self.readings[currency]), component=component
        )


def metric(rows: Mapping[str, Sequence[Mapping[str, Any]]], name: str, **said: Any) -> Answer:
    """The answer of one metric over plain rows."""
    return InMemory(rows).metric(name, **said)
