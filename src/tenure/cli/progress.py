"""A progress bar for anything over two seconds; nothing at all for what is quicker."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

from tenure.kernel import clock

PATIENCE_SECONDS = 2.0

STEPS = {
    "keep": "keeping a copy of the input",
    "read": "reading and checking rows",
    "commit": "writing facts",
    "done": "done",
}


class Bar:
    """Told a step and the share done; appears on the terminal once two seconds have passed."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._began = clock.now()
        self._bar: Any = None  # a rich.Progress once it is shown; rich is loaded only then
        self._task: Any = None

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, step: str, share: float) -> None:
        """Show where it stands, if it is time to."""
        if (
            clock.now() - self._began
        ).total_seconds() < PATIENCE_SECONDS or not sys.stderr.isatty():
            return
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.percentage:>3.0f} %"),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task(self.title, total=1.0)
            self._bar.start()
        self._bar.update(
            self._task, completed=share, description=f"{self.title}: {STEPS.get(step, step)}"
        )
