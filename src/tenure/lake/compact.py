"""Fewer, larger files: the same facts, a new snapshot, and old files removed once nobody can need them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from deltalake.exceptions import CommitFailedError

from tenure.kernel import clock
from tenure.kernel.errors import Bug, UserError
from tenure.kernel.points import point
from tenure.lake import refreshes, snapshots, values
from tenure.lake.commit import settle
from tenure.lake.damage import stored_tables
from tenure.lake.durable import disk_trouble_explained, sync
from tenure.lake.lake import NO_HOOKS, Lake
from tenure.lake.shape import Shape, files_of

RETENTION_DAYS = 7


@dataclass(frozen=True, slots=True)
class Compaction:
    """What one compaction did: files merged into fewer, and files and bytes removed."""

    merged: int
    written: int
    removed: int
    bytes_removed: int
    snapshot: int


def compact(
    lake: Lake, *, retention_days: int = RETENTION_DAYS, keep: Iterable[int] = ()
) -> Compaction:
    """Merge small files, publish a snapshot of the same facts, and remove what no kept snapshot needs.

    Snapshots younger than the retention and those in `keep` (numbers) stay readable; older ones do not.
    History stays whole: it is in the rows, not in old snapshots.

    Raises:
        UserError: a retention below 1 day, which could take files from a reader or writer at work.
        LakeError: no space.
    """
    if retention_days < 1:
        raise UserError(
            f"A retention of {retention_days} days would take files from readers at work.",
            remedy="Keep at least 1 day.",
            code="compact.retention",
        )
    # Two compactions at once double every row they both merge: the library (1.6) checks optimize commits
    # neither for conflicts nor for application transactions. So never two, also without the writer's lock.
    with lake.locked(".compacting"), lake.writing(), disk_trouble_explained(lake.root):
        before = snapshots.newest(lake)
        merged = written = 0
        versions = {}
        for name in before.tables:
            gone, made, versions[name] = _merged(lake, name)
            merged, written = merged + gone, written + made
        shown = snapshots.republish(lake, versions) if merged else before
        oldest = clock.now() - timedelta(days=retention_days)
        removed = _remove_unneeded(lake, oldest, set(keep) | {before.number, shown.number})
    return Compaction(merged, written, *removed, shown.number)


def _merged(lake: Lake, name: str) -> tuple[int, int, int]:
    """Files taken together, files made of them, and the version that shows them."""
    handle = lake.handle(name)
    if handle is None:
        raise Bug(f"The table `{name}` of the snapshot is gone.")
    point("compact.before")
    try:
        done = handle.optimize.compact(post_commithook_properties=NO_HOOKS)
    except CommitFailedError:
        return 0, 0, handle.version()  # somebody wrote meanwhile; the next compaction comes
    point("compact.after_commit")
    if done["numFilesRemoved"]:
        settle(lake, Shape(name, {}), handle.version())
    return int(done["numFilesRemoved"]), int(done["numFilesAdded"]), handle.version()


def _remove_unneeded(lake: Lake, oldest: datetime, kept: set[int]) -> tuple[int, int]:
    """Remove data files older than `oldest` that neither a kept snapshot nor a newest version names.

    Files of interrupted writes stand in no log; only looking at the folder finds them.
    """
    every, held = snapshots.every(lake), refreshes.newest(lake)
    history = {values.BY_DAY: held.by_day, values.BY_ACCOUNT: held.by_account}
    needed_by = [one for one in every if one.number in kept or one.created_at >= oldest]
    removed = bytes_removed = 0
    point("compact.before_vacuum")
    for name in stored_tables(lake):
        versions: set[int | None] = {o.versions[name] for o in needed_by if name in o.tables}
        versions |= {history.get(name), None}  # a refresh that died may have written newer ones
        handles = [lake.handle(name, version=version) for version in versions]
        needed = {file for handle in handles if handle is not None for file in files_of(handle)}
        for file in lake.path(name).rglob("*.parquet"):
            if (
                "_delta_log" in file.parts
                or str(file) in needed
                or file.stat().st_mtime >= oldest.timestamp()
            ):
                continue
            bytes_removed += file.stat().st_size
            removed += 1
            file.unlink()
            point("compact.mid_vacuum")
        sync([lake.path(name)])
    for file in lake.rollups.rglob("*.parquet*"):  # sums nobody has read for as long
        if file.stat().st_mtime < oldest.timestamp():
            bytes_removed += file.stat().st_size
            removed += 1
            file.unlink()
    point("compact.after")
    return removed, bytes_removed
