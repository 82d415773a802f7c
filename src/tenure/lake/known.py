"""What the lake holds already, for the checks of an import: current rows at one snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenure.facts.sql import ident
from tenure.kernel.errors import LakeError
from tenure.lake.engines.views import Reading, current_rows
from tenure.lake.lake import Lake
from tenure.lake.shape import files_of
from tenure.lake.snapshots import Snapshot


class KnownFacts:
    """Current rows of `snapshot` (a `facts.known.Known`)."""

    def __init__(self, lake: Lake, snapshot: Snapshot) -> None:
        """Reads nothing yet."""
        self.lake, self.snapshot = lake, snapshot

    def relation(self, connection: Any, table: str, columns: Sequence[str]) -> str | None:
        """A view in `connection` with the current rows' `columns`; None when nothing was ever given."""
        state = self.snapshot.tables.get(table)
        if state is None or table not in self.lake.declared:
            return None
        handle = self.lake.handle(table, version=state.version)
        if handle is None:
            raise LakeError(
                f"The table `{table}` is missing from `{self.lake.root}`.",
                remedy="Restore the last backup.",
                code="lake.table_missing",
            )
        rows = current_rows(
            self.lake.table(table),
            files_of(handle),
            has_versions=state.has_versions,
            reading=Reading(),
        )
        chosen = ", ".join(ident(column) for column in columns)
        name = f"known_{table}_{'_'.join(columns)}"
        connection.execute(f"create or replace view {ident(name)} as select {chosen} from ({rows})")
        return ident(name)
