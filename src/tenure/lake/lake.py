"""One lake: a folder of Delta tables. Opens tables by name, creates and widens them when needed."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Transaction
from deltalake.exceptions import CommitFailedError, TableNotFoundError

from tenure.facts.table import Table, tables
from tenure.kernel.errors import LakeError, UnknownName
from tenure.kernel.points import point
from tenure.lake.durable import replace_json, sync
from tenure.lake.shape import Shape

FORMAT = 1
"""The layout of the folder; an older program refuses a newer one."""

# The table library or the engine reads these as escapes or patterns (seen with deltalake 1.6, DuckDB 2.0).
BAD_CHARACTERS = "%\\^|[]*?"

CONFIGURATION = {
    # Logs are kept whole: snapshots refer to old versions.
    "delta.logRetentionDuration": "interval 36500 days",
    "delta.enableExpiredLogCleanup": "false",
}

NO_HOOKS = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
"""Checkpoints are written and synced by `lake/commit.py`; the log is never cut."""


class Lake:
    """The tables of one workspace folder.

    `declared` are the fact tables it may hold (the canonical ones by default). `locking` off leaves out the
    writer's lock, as where writers on several machines share a store: rows stay right, but a reader may then
    see between two imports that run at once. The intake and its locks are this machine's own in any case.
    """

    def __init__(
        self, folder: Path, *, declared: Mapping[str, Table] | None = None, locking: bool = True
    ) -> None:
        """Use `Lake.open` or `Lake.create`, which check the folder."""
        self.folder = folder
        self.declared = tables() if declared is None else declared
        self.locking = locking

    @classmethod
    def create(
        cls,
        folder: Path | str,
        *,
        declared: Mapping[str, Table] | None = None,
        locking: bool = True,
    ) -> Lake:
        """A lake in `folder`, made if it is not there yet; a lake already there is opened.

        Raises:
            LakeError: the folder's name cannot be used, or a newer program wrote it.
        """
        lake = cls(_usable(Path(folder)), declared=declared, locking=locking)
        for path in (lake.root, lake.spill, lake.intake):
            path.mkdir(parents=True, exist_ok=True)
        if not lake._format_file.exists():
            replace_json(lake._format_file, {"format": FORMAT})
        return cls.open(folder, declared=declared, locking=locking)

    @classmethod
    def open(
        cls,
        folder: Path | str,
        *,
        declared: Mapping[str, Table] | None = None,
        locking: bool = True,
    ) -> Lake:
        """The lake in `folder`.

        Raises:
            LakeError: there is none, or a newer program wrote it.
        """
        lake = cls(_usable(Path(folder)), declared=declared, locking=locking)
        try:
            found = json.loads(lake._format_file.read_text(encoding="utf-8"))["format"]
        except FileNotFoundError:
            raise LakeError(
                f"There is no workspace in `{folder}`.",
                remedy="Create one there first, or name the folder that holds it.",
                code="lake.absent",
            ) from None
        if found > FORMAT:
            raise LakeError(
                f"The workspace in `{folder}` was written by a newer Tenure (format {found}, this one knows {FORMAT}).",
                remedy="Install the newer version; nothing was changed.",
                code="lake.newer",
            )
        return lake

    @property
    def root(self) -> Path:
        """The folder of the Delta tables."""
        return self.folder / "lake"

    @property
    def spill(self) -> Path:
        """Where engines put what does not fit in memory."""
        return self.folder / "spill"

    @property
    def rollups(self) -> Path:
        """Sums kept so that they need not be added up again; whoever removes them loses time and nothing else."""
        return self.folder / "rollups"

    @property
    def intake(self) -> Path:
        """Inputs of imports that are not finished."""
        return self.root / "intake"

    @property
    def set_aside(self) -> Path:
        """Log entries that were damaged or never confirmed by the disk; kept for a person to look at."""
        return self.root / "set_aside"

    @property
    def _format_file(self) -> Path:
        return self.root / "format.json"

    def path(self, name: str) -> Path:
        """The folder of one table."""
        return self.root / name

    def table(self, name: str) -> Table:
        """The declaration of a fact table.

        Raises:
            UnknownName: this lake knows no such table.
        """
        if name not in self.declared:
            raise UnknownName("table", name, self.declared)
        return self.declared[name]

    def handle(self, name: str, *, version: int | None = None) -> DeltaTable | None:
        """An open table, newest or at `version`; None when it was never made."""
        try:
            return DeltaTable(str(self.path(name)), version=version)
        except TableNotFoundError:
            return None

    def has_newer(self, name: str, version: int) -> bool:
        """Whether a table has a version after this one: a look at one file name, where opening reads the log."""
        return (self.path(name) / "_delta_log" / f"{version + 1:020d}.json").exists()

    def ready(self, shape: Shape) -> DeltaTable:
        """An open table that has every column of `shape`: made or widened if needed."""
        handle = self.handle(shape.name)
        if handle is None:
            handle = self._made(shape)
        stored = {field.name for field in handle.schema().fields}
        missing = [name for name in shape.columns if name not in stored]
        return self._widened(handle, shape, missing) if missing else handle

    def _made(self, shape: Shape) -> DeltaTable:
        path = self.path(shape.name)
        path.mkdir(exist_ok=True)
        # Statistics of decimals are rounded to doubles (deltalake 1.6): a reader that skips files by them
        # would lose rows. So only the columns that prune our own reads have any.
        skipping = (
            {"delta.dataSkippingStatsColumns": ",".join(shape.pruned)} if shape.pruned else {}
        )
        point("table.before_create")
        # Another process may make it at the same moment; with either answer, the one that won is opened.
        with contextlib.suppress(CommitFailedError):
            DeltaTable.create(
                str(path),
                shape.schema(),
                mode="ignore",
                name=shape.name,
                partition_by=shape.partition_by,
                configuration=CONFIGURATION | skipping,
            )
        point("table.after_create")
        sync([path / "_delta_log" / f"{0:020d}.json", path / "_delta_log", path, self.root])
        return DeltaTable(str(path))

    def _widened(self, handle: DeltaTable, shape: Shape, missing: list[str]) -> DeltaTable:
        """Add columns that a newer declaration brought; rows written before have them empty."""
        turn = (handle.transaction_version(f"columns:{shape.name}") or 0) + 1
        properties = CommitProperties(app_transactions=[Transaction(f"columns:{shape.name}", turn)])
        point("table.before_column")
        try:
            handle.alter.add_columns(
                [shape.field(name) for name in missing],
                commit_properties=properties,
                post_commithook_properties=NO_HOOKS,
            )
        except CommitFailedError:
            return self.ready(shape)  # another process was first; look again
        point("table.after_column")
        log = self.path(shape.name) / "_delta_log"
        sync([log / f"{handle.version():020d}.json", log])
        return DeltaTable(str(self.path(shape.name)))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the one writer's place from the first table commit to the snapshot."""
        if not self.locking:
            yield
            return
        with self.locked(".writer"):
            yield

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Wait for, then hold, a lock of this machine that dies with its process."""
        with (self.root / name).open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def locked_if_free(self, name: str) -> Iterator[bool]:
        """Hold a lock if nobody has it; says whether."""
        with (self.root / name).open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True


def _usable(folder: Path) -> Path:
    """The absolute folder, if its name survives the libraries that read it.

    Raises:
        LakeError: it does not.
    """
    absolute = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would follow links people set on purpose
    bad = sorted({character for character in str(absolute) if character in BAD_CHARACTERS})
    if bad:
        raise LakeError(
            f"The folder `{absolute}` has {' and '.join(f'`{c}`' for c in bad)} in its name, which the table files cannot stand.",
            remedy="Choose a folder without these characters.",
            code="lake.folder_name",
        )
    return absolute
