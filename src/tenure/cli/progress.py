"""A progress bar for anything over two seconds; nothing at all for what is quicker."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import Any

PATIENCE_SECONDS = 2.0
LONG_SECONDS = 90
"""From here on minutes are named."""

STEPS = {
    "keep": "keeping a copy of the input",
    "read": "reading and checking rows",
    "commit": "writing facts",
    "done": "done",
}


class Bar:
    """Told a step and the share done; appears by itself once two seconds have passed, on a terminal only."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._said, self._share = title, 0.0
        self._lock = threading.Lock()
        self._over = False
        self._bar: Any = None  # a rich.Progress once it is shown; rich is loaded only then
        self._task: Any = None
        self._timer = threading.Timer(PATIENCE_SECONDS, self._appear)
        self._timer.daemon = True

    def __enter__(self) -> Bar:
        if sys.stderr.isatty():
            self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._over = True
            if self._bar is not None:
                self._bar.stop()

    def __call__(self, step: str, share: float, left: float | None = None) -> None:
        """Say where the work stands, and how many seconds are left; shown if the bar is there, and when it appears."""
        with self._lock:
            self._said, self._share = f"{self.title}: {STEPS.get(step, step)}{_left(left)}", share
            if self._bar is not None:
                self._bar.update(self._task, completed=share, description=self._said)

    def _appear(self) -> None:
        """Called by the timer: a long step without any news still shows that time passes."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        with self._lock:
            if self._over:
                return
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.percentage:>3.0f} %"),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task(self._said, total=1.0, completed=self._share)
            self._bar.start()


def _left(seconds: float | None) -> str:
    """About how long it will take, where there is ground to say so: no more exact than it is known."""
    if seconds is None or seconds < 1:
        return ""
    if seconds < LONG_SECONDS:
        return f", about {seconds:.0f} s left"
    return f", about {seconds / 60:.0f} min left"
