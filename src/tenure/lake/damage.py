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
    with lake.writing():
        return [complaint for name in hurt for complaint in _mended(lake, name)]


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
    return [(table / line["add"]["path"], int(line["add"]["size"])) for line in lines if "add" in line]


def wrong_files(files: list[tuple[Path, int]]) -> list[Path]:
    """Those that are missing or have another size."""
    return [path for path, size in files if not path.is_file() or path.stat().st_size != size]


def _newest_is_hurt(table: Path) -> bool:
    entries = log_entries(table)
    if not entries or not is_whole(entries[-1]) or wrong_files(added_files(table, entries[-1])):
        return True
    return not _checkpoint_is_whole(table)


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
        for path in [table / "_delta_log" / "_last_checkpoint", *(table / "_delta_log").glob("*.checkpoint.parquet")]:
            if path.exists():
                set_aside(path, aside)
        found.append(_set_aside(name, "its checkpoint was damaged; the log holds the same"))
    entries = log_entries(table)
    if not entries:
        table.replace(aside.with_name(f"{name}.empty")) if False else None
    while entries and (not is_whole(entries[-1]) or wrong_files(added_files(table, entries[-1]))):
        version = int(entries[-1].stem)
        if version <= _acknowledged(lake, name):
            raise _restore(f"The newest commit of the table `{name}` is damaged, and it had been confirmed.")
        set_aside(entries.pop(), aside)
        found.append(_set_aside(name, "its newest commit was cut off; the import runs again from its kept input"))
    return found
