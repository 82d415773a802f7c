"""A served workspace keeps itself up: its history follows the facts, and flags follow the history.

One thread of one process does it, a while after facts came in or when a day has begun; several processes take turns by a
lock on a file. What fails is said in the log and tried again later; pages go on with what they have.
"""

from __future__ import annotations

import fcntl
import json
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from django.db import connections

from tenure.desk.home import Home
from tenure.desk.kept_rows import made_of
from tenure.desk.made_apart import keep_apart
from tenure.workspace import Workspace

log = logging.getLogger("tenure.desk")

LOOK_EVERY = 10.0
"""Seconds between two looks."""
REST = 120.0
"""Seconds between two rounds: a morning of logged touches is one round and not fifty."""
PAUSE = 600.0
"""Seconds until what failed is tried again."""


class Keeper:
    """Brings history and flags up to the newest facts whenever they are behind."""

    def __init__(self, home: Home, *, now: Callable[[], float] = time.monotonic) -> None:
        """Nothing happens before `start`, or `round` by hand."""
        self.home, self._now = home, now
        self._not_before = 0.0
        self._stop = threading.Event()

    def start(self) -> threading.Thread:
        """The thread that keeps; it ends with the process."""
        thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """No further round."""
        self._stop.set()

    def round(self) -> bool:
        """One round, if anything is behind and nobody else is at it; whether it was done."""
        if self._now() < self._not_before:
            return False
        wanted = made_of(self.home.folder)
        with _alone(self.home.folder / ".keeping") as note:
            if note is None or note.read() == json.dumps(wanted):
                return False
            workspace = Workspace.open(self.home.folder)
            is_empty = not workspace.facts().tables()
            has_written = not is_empty and self._kept_up(workspace)
            # Raising writes one import of our own; whatever else has come in meanwhile asks for another round.
            number, *rest = wanted
            _note(note, json.dumps([number + has_written, *rest]))
        self._not_before = self._now() + REST
        return not is_empty

    def _kept_up(self, workspace: Workspace) -> bool:
        """History and flags brought up; whether flags changed, which is an import of our own."""
        if self.home.makes_apart:
            return keep_apart(self.home.folder)
        workspace.refresh()
        raised = workspace.raise_flags()
        return bool(raised.opened or raised.closed)

    def _run(self) -> None:
        while not self._stop.wait(LOOK_EVERY):
            try:
                self.round()
            except Exception:
                log.exception("History and flags could not be brought up; it is tried again.")
                self._not_before = self._now() + PAUSE
            finally:
                connections.close_all()


class _alone:  # noqa: N801 - reads as a word in `with`
    """The file's note of what was kept up last, if this process is the only one inside; never waits."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> IO[str] | None:
        self.file = self.path.open("a+")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        self.file.seek(0)
        return self.file

    def __exit__(self, *_: object) -> None:
        self.file.close()


def _note(file: IO[str], said: str) -> None:
    file.truncate(0)
    file.write(said)
    file.flush()
