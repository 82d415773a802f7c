"""Rows made in a process of their own, so that no page waits for the making: it takes half a minute for 10,000 accounts.

What comes back is an object of ours from a child of ours, through a pipe that nobody else holds.
"""

from __future__ import annotations

import gc
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
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise Bug(f"The rows could not be made: {said[-1] if said else done.returncode}")
    gc.disable()  # a million small objects come at once, and none of them is garbage
    try:
        made = pickle.loads(done.stdout)  # noqa: S301 - of our own child, see above
    finally:
        gc.enable()
    gc.collect(0)
    gc.freeze()
    if not isinstance(made, Present):
        raise Bug("What was made are no rows.")
    return made


def keep_apart(folder: Path) -> None:
    """History and flags brought up by the commands that do it, behind the pages.

    Raises:
        Bug: one of them failed; what it said stands in the message.
    """
    for words in (["refresh"], ["flags", "raise"]):
        done = subprocess.run(
            ["nice", "-n", str(GENTLY), sys.executable, "-m", "tenure", *words, "--workspace", str(folder)],
            capture_output=True, check=False, text=True,
        )  # fmt: skip
        if done.returncode:
            raise Bug(f"`tenure {' '.join(words)}` failed: {done.stderr.strip()[-300:]}")


def answer() -> None:
    """What the child does: open, make, and write the rows to its output."""
    from tenure.workspace import Workspace

    os.nice(GENTLY)
    made = Workspace.open(sys.argv[1]).present()
    sys.stdout.buffer.write(pickle.dumps(made, protocol=pickle.HIGHEST_PROTOCOL))
