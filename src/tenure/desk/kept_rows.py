"""Rows made once for all processes that serve a workspace, and kept for the next start.

One process at a time sends what waits and makes rows; the others wait for it, and read what it left. The file is
signed with the key of the pages: what nobody with that key wrote is not read. It may be removed at any time.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import io
import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from tenure import __version__
from tenure.desk.made_apart import made_apart, unpacked
from tenure.kernel import clock
from tenure.kernel.errors import Bug
from tenure.kernel.settings import FILE, load_settings
from tenure.lake import journal, refreshes, snapshots
from tenure.lake.lake import Lake
from tenure.workspace.present import Present

log = logging.getLogger("tenure.desk")

ROWS = "rows.cache"
LOCK = ".rows"
SIGNED = hashlib.sha256().digest_size


def rows_of_all(folder: Path, before: Present | None, send: Callable[[], None]) -> Present:
    """Every account as the newest facts have it.

    Args:
        folder: the workspace's.
        before: the rows shown until now; those that say the same are taken from it.
        send: brings what people entered to the facts; done while no other process makes rows.
    """
    with _alone(folder / LOCK):
        send()
        mark = _mark(folder)
        found = _read(folder / ROWS, mark, before)
        if found is None:
            found, packed = made_apart(folder, before)
            if _mark(folder) == mark:  # else it is not known what they were made of
                _write(folder / ROWS, mark, packed)
        return found


def made_of(folder: Path) -> tuple[int, str, str]:
    """What rows, history and flags are made of now: the snapshot, the day, and all that says how to read it."""
    number = snapshots.newest(Lake.open(folder)).number
    today = clock.today(load_settings(folder).time_zone).isoformat()
    own = sorted(path for path in (folder / "catalogue").rglob("*") if path.is_file())
    seen = [(str(path), path.stat().st_mtime_ns) for path in [folder / FILE, *own] if path.exists()]
    said = json.dumps([__version__, seen])
    return number, today, hashlib.sha256(said.encode()).hexdigest()


def _mark(folder: Path) -> bytes:
    """What rows show: beside what they are made of, the history with its scores, and what people said of flags."""
    lake = Lake.open(folder)
    said = [*made_of(folder), refreshes.newest(lake).run, len(journal.entries(lake))]
    return json.dumps(said).encode()


def _read(file: Path, mark: bytes, before: Present | None) -> Present | None:
    """The rows in the file, if they are of this mark and of our own writing."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return None
    signed, rest = content[:SIGNED], content[SIGNED:]
    own, _, packed = rest.partition(b"\n")
    if own != mark or not hmac.compare_digest(signed, _signature(rest)):
        return None
    try:
        return unpacked(io.BytesIO(packed), before)
    except (Bug, AttributeError, ImportError, TypeError):
        log.exception("The rows kept in %s cannot be read; they are made anew.", file)
        return None


def _write(file: Path, mark: bytes, packed: bytes) -> None:
    """Whole or not at all; lost in a power cut, it is made again."""
    rest = mark + b"\n" + packed
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        opened.write(_signature(rest))
        opened.write(rest)
    beside.replace(file)


def _signature(content: bytes) -> bytes:
    key = hashlib.sha256(b"rows" + settings.SECRET_KEY.encode()).digest()
    return hmac.digest(key, content, "sha256")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process at a time; the others wait."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
