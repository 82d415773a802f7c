"""Workspace snapshots: which version of every table belongs together.

Delta commits one table at a time, so a reader that took each table at its newest version could see half an
import. Readers take the newest row here instead; a commit ahead of it is invisible.

One row per snapshot, with the tables as JSON `{table: {version, rows, has_versions}}`. One row, and not one
per table, because one append is then all or nothing, and opening a workspace reads one small file. The
number is the table's own commit count, so the newest number stands in the log and costs no scan.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from arro3.core import Array, DataType
from arro3.core import Table as ArrowTable

from tenure.kernel import clock
from tenure.kernel.errors import LakeError, UserError
from tenure.kernel.points import point
from tenure.lake.commit import TRIES, append, back_off, find_commit, settle, turn_of
from tenure.lake.lake import Lake
from tenure.lake.shape import Shape

SHAPE = Shape(
    "snapshots",
    {"number": "BIGINT", "created_at": "TIMESTAMP", "import_id": "VARCHAR", "tables": "VARCHAR"},
    pruned=("number", "created_at"),
)


@dataclass(frozen=True, slots=True)
class TableState:
    """One table in a snapshot. `has_versions`: some key has two rows or is closed; else rows are current."""

    version: int
    rows: int
    has_versions: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One moment of the whole workspace. Number 0 is the empty one before the first import.

    `seen_at` is the version of the list of snapshots in which this one was found to be the newest.
    """

    number: int
    created_at: datetime
    import_id: str
    tables: dict[str, TableState]
    seen_at: int | None = field(default=None, compare=False)

    @property
    def versions(self) -> dict[str, int]:
        """Table -> Delta version."""
        return {name: state.version for name, state in self.tables.items()}

    @property
    def has_versions(self) -> dict[str, bool]:
        """Table -> whether its rows must be reduced to the newest of each key."""
        return {name: state.has_versions for name, state in self.tables.items()}


EMPTY = Snapshot(0, datetime(1970, 1, 1, tzinfo=UTC), "", {})


def newest(lake: Lake, known: Snapshot | None = None) -> Snapshot:
    """The snapshot readers use now; `known` is given back if it still is that one (snapshots never change)."""
    if (
        known is not None
        and known.seen_at is not None
        and not lake.has_newer(SHAPE.name, known.seen_at)
    ):
        return known
    handle = lake.handle(SHAPE.name)
    number = turn_of(handle, SHAPE.name) if handle is not None else 0
    if handle is None or not number:
        return EMPTY
    found = known if known is not None and known.number == number else at(lake, number)
    return replace(found, seen_at=handle.version())


def at(lake: Lake, number: int) -> Snapshot:
    """The snapshot with that number.

    Raises:
        UserError: there is none.
    """
    if number == 0:
        return EMPTY
    found = _read(lake, f"number = {int(number)}")
    if not found:
        raise UserError(
            f"There is no snapshot {number} in `{lake.folder}`.",
            remedy="Leave the snapshot out to use the newest one.",
            code="snapshot.absent",
        )
    return found[0]


def at_time(lake: Lake, moment: datetime) -> Snapshot:
    """The newest snapshot made at or before `moment`; the empty one before the first."""
    found = [one for one in every(lake) if one.created_at <= moment]
    return max(found, key=lambda one: one.number, default=EMPTY)


def every(lake: Lake) -> list[Snapshot]:
    """All snapshots, oldest first."""
    return sorted(_read(lake, None), key=lambda one: one.number)


def publish(lake: Lake, versions: Mapping[str, int], *, import_id: str) -> Snapshot:
    """The new newest snapshot: the one before it, with `versions` where they are newer.

    Called again with the same import id it gives the snapshot of the first call.

    Raises:
        LakeError: no space, a failed sync, or other writers were always first.
    """
    return _publish(lake, versions, import_id=import_id, mark=f"import:{import_id}")


def republish(lake: Lake, versions: Mapping[str, int]) -> Snapshot:
    """A new newest snapshot of the same facts in other files; it keeps the import id of the one before."""
    return _publish(lake, versions, import_id=newest(lake).import_id, mark="")


def _publish(lake: Lake, versions: Mapping[str, int], *, import_id: str, mark: str) -> Snapshot:
    for attempt in range(TRIES):
        handle = lake.ready(SHAPE)
        done = find_commit(handle, SHAPE.name, mark) if mark else None
        if done is not None:
            settle(lake, SHAPE, done.version)
            return at(lake, done.details["turn"])
        number = turn_of(handle, SHAPE.name) + 1
        before = at(lake, number - 1)
        made = Snapshot(number, clock.now(), import_id, _merged(lake, before, versions))
        point("snapshot.before")
        version = append(lake, handle, SHAPE, _row(made), marks=[mark] if mark else [], details={})
        if version is not None:
            point("snapshot.after")
            settle(lake, SHAPE, version)
            return made
        back_off(attempt)
    raise LakeError(
        "Other writers made snapshots all the time.",
        remedy="Try again in a moment.",
        code="lake.crowded",
    )


def _merged(lake: Lake, before: Snapshot, versions: Mapping[str, int]) -> dict[str, TableState]:
    """Never a step back: without locks another writer may have shown a later version already."""
    merged = dict(before.tables)
    for name, version in versions.items():
        if name not in merged or merged[name].version < version:
            merged[name] = _state(lake, name, version)
    return merged


def _state(lake: Lake, name: str, version: int) -> TableState:
    handle = lake.handle(name, version=version)
    if handle is None:
        raise LakeError(
            f"The table `{name}` is missing from `{lake.root}`.",
            remedy="Restore the last backup.",
            code="lake.table_missing",
        )
    return TableState(
        version, handle.count(), handle.transaction_version(f"versions:{name}") is not None
    )


def _row(snapshot: Snapshot) -> Any:
    """The stored row, as an Arrow table (typed Any: arro3 ships no complete types)."""
    tables = json.dumps({name: asdict(state) for name, state in sorted(snapshot.tables.items())})
    moment = (snapshot.created_at - EMPTY.created_at) // timedelta(microseconds=1)
    return ArrowTable.from_pydict(
        {
            "number": Array([snapshot.number], type=DataType.int64()),
            "created_at": Array([moment], type=DataType.int64()).cast(
                DataType.timestamp("us", tz="UTC")
            ),
            "import_id": Array([snapshot.import_id], type=DataType.string()),
            "tables": Array([tables], type=DataType.string()),
        }
    )


def _read(lake: Lake, predicate: str | None) -> list[Snapshot]:
    handle = lake.handle(SHAPE.name)
    if handle is None:
        return []
    found = handle.scan(columns=list(SHAPE.columns), predicate=predicate).read_all()
    columns = [found[name].to_pylist() for name in SHAPE.columns]
    return [
        Snapshot(
            number,
            made_at.astimezone(UTC),
            import_id,
            {name: TableState(**state) for name, state in json.loads(tables).items()},
        )
        for number, made_at, import_id, tables in zip(*columns, strict=True)
    ]
