"""The current rows of one snapshot, in the form the metrics ask for them."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Any

from tenure.facts.sql import ident
from tenure.lake.engines.duckdb import Engine


@dataclass(slots=True)
class CurrentRows:
    """Rows by table of one snapshot, as known on one instant; `snapshot` is its number."""

    engine: Engine
    snapshot: int

    def tables(self) -> Set[str]:
        """Tables that have been delivered, empty ones included."""
        return self.engine.tables()

    def rows(self, table_name: str, columns: Iterable[str]) -> list[tuple[Any, ...]]:
        """These columns of all current rows of a table."""
        chosen = ", ".join(ident(column) for column in columns)
        return self.engine.rows(f"select {chosen} from {ident(table_name)}")

    def query(self, tree: Any) -> list[tuple[Any, ...]]:
        """All rows of a SELECT given as a tree."""
        return self.engine.rows(tree)
