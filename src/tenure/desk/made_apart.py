"""Rows made in a process of their own, so that no page waits for the making: it takes half a minute for 10,000 accounts.

What comes back are objects of ours from a child of ours, through a pipe that nobody else holds. They come a few rows at
a time, and a row that says what it said stays the row it was: what was written of it stays good.
"""

from __future__ import annotations

import gc
import hashlib
import io
import json
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from tenure.insights.book import BookRow
from tenure.kernel.errors import Bug
from tenure.workspace.present import Present

CODE = "from tenure.desk.made_apart import answer; answer()"
GENTLY = 19
"""How far the making steps back behind the pages."""
AT_ONCE = 40
"""Rows unpacked at a time: six milliseconds in which no page can be answered."""
BREATH = 0.004
"""Seconds between two parts, in which pages are answered."""
Part = tuple[list[BookRow], dict[str, Any]]
"""Some rows, and the scores of their accounts."""

_parts: dict[bytes, Part] = {}
"""The parts of the rows unpacked last by what they were written as: one that is written the same is not read again."""


def made_apart(folder: Path, before: Present | None = None) -> tuple[Present, bytes]:
    """Every account of the workspace as it stands now, and the same as it came, for `unpacked` of another process.

    Args:
        folder: the workspace's.
        before: the rows shown until now; those that say the same are taken from it.

    Raises:
        Bug: the process ended without rows; what it said stands in the message.
    """
    packed = _run([sys.executable, "-c", CODE, str(folder)])
    return unpacked(io.BytesIO(packed), before), packed


def unpacked(packed: IO[bytes], before: Present | None) -> Present:
    """The rows that a child of ours packed.

    Raises:
        Bug: they are not whole.
    """
    global _parts  # noqa: PLW0603 - of the rows unpacked last, as long as they are shown
    known = before.by_id if before is not None else {}
    kept, held = _parts if before is not None else {}, {}
    try:
        told, order = pickle.load(packed)  # noqa: S301 - of our own child, see above
        while (part := pickle.load(packed)) is not None:  # noqa: S301 - as above
            digest, written = part
            if digest in kept:
                held[digest] = kept[digest]
                continue
            held[digest] = _part(written, known)
            time.sleep(BREATH)
    except (EOFError, pickle.UnpicklingError) as error:
        raise Bug(f"The rows of our own making are not whole: {error}") from error
    _parts = held
    gc.freeze()  # none of it is garbage, and it is not looked through at every collection
    by_id = {row.account_id: row for rows, _ in held.values() for row in rows}
    scores = {account: own for _, of_them in held.values() for account, own in of_them.items()}
    made: Present = replace(
        told,
        rows=[by_id[account] for account in order],
        by_id={account: by_id[account] for account in order},
        scores=scores,
    )
    return made


def _part(written: bytes, known: Mapping[str, BookRow]) -> Part:
    rows, of_them = pickle.loads(written)  # noqa: S301 - as above
    return [known[r.account_id] if known.get(r.account_id) == r else r for r in rows], of_them


def keep_apart(folder: Path) -> bool:
    """History and flags brought up by the commands that do it, behind the pages; whether flags opened or closed.

    Raises:
        Bug: one of them failed; what it said stands in the message.
    """
    tenure = ["nice", "-n", str(GENTLY), sys.executable, "-m", "tenure"]
    _run([*tenure, "refresh", "--workspace", str(folder)])
    raised = json.loads(_run([*tenure, "flags", "raise", "--json", "--workspace", str(folder)]))
    return bool(raised["opened"] or raised["closed"])


def _run(words: list[str]) -> bytes:
    """What a child writes.

    It has a process group of its own: Ctrl+C ends the pages and is no failure of the making. A session of its own would
    do that too, but to Linux sessions are equals, however far one steps back within its own.
    """
    done = subprocess.run(words, capture_output=True, check=False, process_group=0)
    if done.returncode:
        raise _failed(done.returncode, done.stderr.decode(errors="replace").strip())
    return done.stdout


def _failed(code: int, said: str) -> Bug:
    return Bug(f"A process of our own ended with {code}: {said[-300:] or 'nothing said'}")


def answer() -> None:
    """What the child does: open, make, and write the rows to its output."""
    from tenure.workspace import Workspace

    os.nice(GENTLY)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no part of the answer
    made = Workspace.open(sys.argv[1]).present()
    told = replace(made, rows=(), by_id={}, scores={}), [row.account_id for row in made.rows]
    pickle.dump(told, out, pickle.HIGHEST_PROTOCOL)
    every = sorted(made.rows, key=lambda row: row.account_id)  # so that few parts change with a row
    for start in range(0, len(every), AT_ONCE):
        some = every[start : start + AT_ONCE]
        of_them = {r.account_id: made.scores[r.account_id] for r in some if r.account_id in made.scores}  # fmt: skip
        written = pickle.dumps((some, of_them), pickle.HIGHEST_PROTOCOL)
        pickle.dump((hashlib.sha256(written).digest(), written), out, pickle.HIGHEST_PROTOCOL)
    pickle.dump(None, out, pickle.HIGHEST_PROTOCOL)
    out.close()
