"""Builds that break one promise on purpose; the suite must catch each of them, for the stated reason.

Never packaged. Each entry replaces one function of the running process.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError

from tenure.kernel.points import point
from tenure.lake import commit, ledger, snapshots
from tenure.lake.engines import duckdb as engine
from tenure.lake.lake import NO_HOOKS, Lake

RIGHT_APPEND = commit.append
RIGHT_FILES = engine.Engine._files_of


def _everywhere(append: Callable[..., int | None]) -> None:
    for module in (commit, ledger, snapshots):
        module.append = append  # type: ignore[attr-defined]


def no_import_transaction() -> None:
    """B1: appends without the import's transaction id."""

    def append(
        lake: Lake, handle: Any, shape: Any, rows: Any, *, marks: list[str], details: Any
    ) -> int | None:
        kept = [mark for mark in marks if not mark.startswith("import:")]
        return RIGHT_APPEND(lake, handle, shape, rows, marks=kept, details=details)

    _everywhere(append)


def no_table_transaction() -> None:
    """B4: looks for known keys, then appends, without the table's own transaction id."""

    def append(
        lake: Lake, handle: DeltaTable, shape: Any, rows: Any, *, marks: list[str], details: Any
    ) -> int | None:
        if shape.name in ("imports", "snapshots"):
            return RIGHT_APPEND(lake, handle, shape, rows, marks=marks, details=details)
        words = {"marks": marks, "turn": 0, **details}
        properties = CommitProperties(
            custom_metadata={"tenure": json.dumps(words)},
            app_transactions=[Transaction(mark, 1) for mark in marks],
        )
        point("lake.before_commit")
        try:
            write_deltalake(
                handle,
                rows,
                mode="append",
                partition_by=[shape.cut] if shape.cut else None,
                commit_properties=properties,
                post_commithook_properties=NO_HOOKS,
            )
        except CommitFailedError:
            return None
        point("lake.after_commit")
        return handle.version()

    _everywhere(append)


def glob() -> None:
    """B7: reads a table by `*.parquet`."""

    def files(self: engine.Engine, name: str) -> list[str]:
        folder: Path = self.lake.path(name)
        return sorted(
            str(path) for path in folder.rglob("*.parquet") if "_delta_log" not in path.parts
        )

    engine.Engine._files_of = files  # type: ignore[method-assign]


def newest_versions() -> None:
    """B9: reads each table at its newest version, not at the snapshot's."""

    def files(self: engine.Engine, name: str) -> list[str]:
        handle = self.lake.handle(name)
        assert handle is not None
        return engine.files_of(handle)

    engine.Engine._files_of = files  # type: ignore[method-assign]


def right() -> None:
    """Everything as it is shipped."""
    _everywhere(RIGHT_APPEND)
    engine.Engine._files_of = RIGHT_FILES  # type: ignore[method-assign]


BUILDS: dict[str, Callable[[], None]] = {
    "B1": no_import_transaction,
    "B4": no_table_transaction,
    "B7": glob,
    "B9": newest_versions,
}
