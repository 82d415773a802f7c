"""Rows made in a process of their own, so that no page waits for the making: it takes half a minute for 10,000 accounts.

What comes back is an object of ours from a child of ours, through a pipe that nobody else holds.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

from tenure.kernel.errors import Bug
from tenure.workspace.present import Present

CODE = "from tenure.desk.made_apart import answer; answer()"
GENTLY = 5
"""How far the making steps back behind the pages."""


def made_apart(folder: Path) -> Present:
    """Every account of the workspace as it stands now.

    Raises:
        Bug: the process ended without rows; what it said stands in the message.
    """
    written = _run([sys.executable, "-c", CODE, str(folder)])
    gc.disable()  # a million small objects come at once, and none of them is garbage
    try:
        made = pickle.loads(written)  # noqa: S301 - of our own child, see above
    finally:
        gc.enable()
    gc.freeze()  # nor is it looked through again at every collection
    if not isinstance(made, Present):
        raise Bug("What was made are no rows.")
    return made


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
    """What a child writes. It has a session of its own: Ctrl+C ends the pages and is no failure of the making."""
    done = subprocess.run(words, capture_output=True, check=False, start_new_session=True)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise Bug(
            f"A process of our own ended with {done.returncode}: {said[-300:] or 'nothing said'}"
        )
    return done.stdout


def answer() -> None:
    """What the child does: open, make, and write the rows to its output."""
    from tenure.workspace import Workspace

    os.nice(GENTLY)
    made = Workspace.open(sys.argv[1]).present()
    sys.stdout.buffer.write(pickle.dumps(made, protocol=pickle.HIGHEST_PROTOCOL))
