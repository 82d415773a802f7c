"""Log entries that a power cut left damaged, and what may be done about them.

Only a commit that was never acknowledged can be damaged, since "done" waits for the disk; its input is still
in the intake. So a damaged newest entry is set aside and its import runs again. Damage anywhere else was not
done by a power cut, and is not guessed at.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tenure.kernel.errors import LakeError
from tenure.lake import intake, ledger, snapshots
from tenure.lake.commit import turn_of
from tenure.lake.durable import set_aside
from tenure.lake.lake import Lake

_ENTRY = re.compile(r"[0-9]{20}\.json")


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing a check found: what, and what to do. `mended`: it was put right, nothing is to be done."""

    code: str
    says: str
    remedy: str = ""
    level: Literal["error", "warning", "notice"] = "error"
    mended: bool = False


def mend(lake: Lake) -> list[Complaint]:
    """What was set aside so that every table opens; nothing on a healthy lake.

    Looks at the newest entry of each table only, and is cheap enough to run before every import.

    Raises:
        LakeError: an acknowledged commit is damaged.
    """
    hurt = [name for name in stored_tables(lake) if _newest_is_hurt(lake.path(name))]
    if not hurt:
        return []
    # The ledger and the snapshots first: they say what had been confirmed of the others.
    first = {ledger.SHAPE.name: 0, snapshots.SHAPE.name: 1}
    with lake.writing():
        return [
            c
            for name in sorted(hurt, key=lambda n: (first.get(n, 2), n))
            for c in _mended(lake, name)
        ]


def stored_tables(lake: Lake) -> list[str]:
    """Every folder that holds a table, by name."""
    return sorted(path.parent.name for path in lake.root.glob("*/_delta_log"))


def log_entries(table: Path) -> list[Path]:
    """The log's entries, oldest first."""
    return sorted(path for path in (table / "_delta_log").iterdir() if _ENTRY.fullmatch(path.name))


def is_whole(entry: Path) -> bool:
    """Whether every line of a log entry can be read, and there is one."""
    try:
        lines = entry.read_text(encoding="utf-8").splitlines()
        return bool(lines) and all(isinstance(json.loads(line), dict) for line in lines)
    except (ValueError, OSError):
        return False


def added_files(table: Path, entry: Path) -> list[tuple[Path, int]]:
    """The data files that an entry brought, with the size it says they have."""
    lines = [json.loads(line) for line in entry.read_text(encoding="utf-8").splitlines()]
    return [
        (table / line["add"]["path"], int(line["add"]["size"])) for line in lines if "add" in line
    ]


def wrong_files(files: list[tuple[Path, int]]) -> list[Path]:
    """Those that are missing or have another size."""
    return [path for path, size in files if not path.is_file() or path.stat().st_size != size]


def _newest_is_hurt(table: Path) -> bool:
    entries = log_entries(table)
    return bool(entries) and _entry_is_hurt(table, entries[-1]) or not _checkpoint_is_whole(table)


def _checkpoint_is_whole(table: Path) -> bool:
    """Whether the hint to a checkpoint can be followed; there may be none."""
    hint = table / "_delta_log" / "_last_checkpoint"
    if not hint.exists():
        return True
    try:
        version = int(json.loads(hint.read_text(encoding="utf-8"))["version"])
    except (ValueError, KeyError, TypeError):
        return False
    file = table / "_delta_log" / f"{version:020d}.checkpoint.parquet"
    if not file.is_file() or file.stat().st_size < 12:
        return False
    with file.open("rb") as content:
        content.seek(-4, 2)
        return content.read() == b"PAR1"


def _mended(lake: Lake, name: str) -> list[Complaint]:
    table, aside = lake.path(name), lake.set_aside / name
    found: list[Complaint] = []
    if not _checkpoint_is_whole(table):
        for path in [
            table / "_delta_log" / "_last_checkpoint",
            *(table / "_delta_log").glob("*.checkpoint.parquet"),
        ]:
            if path.exists():
                set_aside(path, aside)
        found.append(_set_aside(name, "its checkpoint was damaged; the log holds the same"))
    entries = log_entries(table)
    while entries and _entry_is_hurt(table, entries[-1]):
        _require_unconfirmed(lake, name, int(entries[-1].stem))
        set_aside(entries.pop(), aside)
        found.append(
            _set_aside(
                name, "its newest commit was cut off; the import runs again from its kept input"
            )
        )
    return found


def _entry_is_hurt(table: Path, entry: Path) -> bool:
    return not is_whole(entry) or bool(wrong_files(added_files(table, entry)))


def _require_unconfirmed(lake: Lake, name: str, version: int) -> None:
    """Refuse to set a commit aside that somebody was told of.

    Raises:
        LakeError: it was confirmed, so no power cut did this.
    """
    if name == ledger.SHAPE.name:
        confirmed = _ledger_confirmed(lake, version)
    elif name == snapshots.SHAPE.name:
        confirmed = _snapshot_confirmed(lake, version)
    else:
        confirmed = version <= snapshots.newest(lake).versions.get(name, -1)
    if confirmed:
        raise restore_needed(
            f"The newest commit of the table `{name}` is damaged, and it had been confirmed."
        )


def _ledger_confirmed(lake: Lake, version: int) -> bool:
    """Whether an import was told "done" by the damaged entry: it is shown, and nobody waits to redo it."""
    shown = snapshots.newest(lake).import_id
    before = lake.handle(ledger.SHAPE.name, version=version - 1) if version else None
    known = ledger.entries_in(before) if before is not None else {}
    is_done = shown in known and known[shown].state == "done"
    return bool(shown) and not is_done and shown not in intake.waiting(lake)


def _snapshot_confirmed(lake: Lake, version: int) -> bool:
    """Whether an import that is done shows the damaged snapshot."""
    before = lake.handle(snapshots.SHAPE.name, version=version - 1) if version else None
    number = (turn_of(before, snapshots.SHAPE.name) if before is not None else 0) + 1
    return any(
        entry.summary.get("snapshot", 0) >= number for entry in ledger.entries(lake).values()
    )


def _set_aside(name: str, says: str) -> Complaint:
    return Complaint(
        "lake.set_aside",
        f"The table `{name}`: {says}. What was set aside lies in `lake/set_aside/{name}`.",
        level="warning",
        mended=True,
    )


def restore_needed(says: str) -> LakeError:
    """The error for damage that nothing here may repair."""
    return LakeError(
        says,
        remedy="Stop using the workspace and restore the last backup; the files given since then can be imported again.",
        code="lake.damaged",
    )
