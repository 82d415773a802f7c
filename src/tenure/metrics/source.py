"""What a reading asks its rows of: an engine of the lake, or a stand-in that gives the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from datetime import date
from typing import Any, Protocol


class Facts(Protocol):
    """Where rows come from: current rows of one snapshot, as known on one instant."""

    def tables(self) -> Set[str]:
        """Tables that have been delivered, empty ones included."""
        ...

    def rows(self, table_name: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """These columns of all current rows."""
        ...

    def query(
        self, tree: Any, parameters: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """All rows of a SELECT, given as a tree or as text of our own with `$name` parameters."""
        ...

    def keep(self, name: str, text: str) -> None:
        """Make the result of one SELECT a table that later queries can name."""
        ...

    def roll(self, name: str, table: str, select: Callable[[str, date | None], str]) -> None:
        """Make sums of a table by month known to queries.

        `select` gives their query over a relation with the table's rows, of one month if it is named.
        """
        ...

    def register(
        self,
        name: str,
        columns: Mapping[str, Sequence[Any]],
        *,
        types: Mapping[str, str] | None = None,
    ) -> None:
        """Make Python lists a table that later queries can name."""
        ...

    def drop(self, name: str) -> None:
        """Forget a table made by `keep` or `register`."""
        ...
