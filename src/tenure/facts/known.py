"""What the lake already holds, as far as an import must ask: ids, looked-up values, present rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class Known(Protocol):
    """The facts already stored, readable beside the stage."""

    def relation(self, connection: Any, table: str, columns: Sequence[str]) -> str | None:
        """The name of a table or view in `connection` holding the current rows' `columns`.

        One row per key, stored types. None when the lake has no such table.
        """


class NothingKnown:
    """The first import: an empty lake."""

    def relation(self, connection: Any, table: str, columns: Sequence[str]) -> str | None:
        """None, for every table."""
        del connection, table, columns
        return None  # noqa: RET501, PLR1711 - the type checker wants it said
