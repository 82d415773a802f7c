"""The current rows of one snapshot, in the form the metrics ask for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from tenure.facts.sql import ident
from tenure.lake.engines.duckdb import Engine
from tenure.lake.engines.monthly import Select

Rows = list[tuple[Any, ...]]

MOST_KEPT = 300_000
"""How many rows of answered queries are kept at once; the one used longest ago goes first."""


@dataclass(slots=True)
class CurrentRows:
    """Rows by table of one snapshot, as known on one instant; `snapshot` is its number.

    `delivered` are the tables some import had brought by that instant; None: by now, so all there are.
    """

    engine: Engine
    snapshot: int
    delivered: frozenset[str] | None = None
    _known: dict[str, bool] = field(default_factory=dict)
    _read: dict[tuple[str, str], Rows] = field(default_factory=dict)
    _read_rows: int = 0

    def tables(self) -> Set[str]:
        """Tables that have been delivered, empty ones included.

        Read as known on an earlier instant, a table also counts when trusted history in it reaches back.
        """
        if self.delivered is None:
            return self.engine.tables()
        return {n for n in self.engine.tables() if n in self.delivered or self._holds_rows(n)}

    def _holds_rows(self, name: str) -> bool:
        if name not in self._known:
            self._known[name] = bool(self.engine.rows(f"select 1 from {ident(name)} limit 1"))
        return self._known[name]

    def rows(self, table_name: str, columns: Iterable[str]) -> Rows:
        """These columns of all current rows of a table."""
        chosen = ", ".join(ident(column) for column in columns)
        return self.engine.rows(f"select {chosen} from {ident(table_name)}")

    def query(self, tree: Any, parameters: Mapping[str, object] | None = None) -> Rows:
        """All rows of a SELECT, given as a tree or as text of our own with `$name` parameters.

        The same question is answered from memory: a snapshot does not change, and neither does what was made of it
        until a table is made anew or dropped.
        """
        text = tree if isinstance(tree, str) else tree.sql(dialect="duckdb", copy=False)
        key = (text, repr(sorted((parameters or {}).items())))
        found = self._read.pop(key, None)
        if found is None:
            found = self.engine.rows(text, parameters)
            self._read_rows += len(found)
        self._read[key] = found
        while self._read_rows > MOST_KEPT:
            self._read_rows -= len(self._read.pop(next(iter(self._read))))
        return list(found)

    def _forget(self, name: str) -> None:
        """What was read from a table that changes is read again."""
        for key in [key for key in self._read if name in key[0]]:
            self._read_rows -= len(self._read.pop(key))

    def keep(self, name: str, text: str) -> None:
        """Make the result of one SELECT a table that later queries can name."""
        self._forget(name)
        self.engine.keep(name, text)

    def roll(self, name: str, table: str, select: Select) -> None:
        """Make sums of a table by month known to queries: `Engine.roll`."""
        self._forget(name)
        self.engine.roll(name, table, select)

    def register(
        self,
        name: str,
        columns: Mapping[str, Sequence[Any]],
        *,
        types: Mapping[str, str] | None = None,
    ) -> None:
        """Make Python lists a table that later queries can name."""
        self._forget(name)
        self.engine.register(name, columns, types=types)

    def drop(self, name: str) -> None:
        """Forget a table made by `keep` or `register`."""
        self._forget(name)
        self.engine.drop(name)
