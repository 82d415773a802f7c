"""Named crash points: the places where a kill must do no harm.

`point(name)` does nothing unless a test armed it from outside the package. No setting or environment
variable of the shipped program can arm it.
"""

from __future__ import annotations

from collections.abc import Callable

_probe: Callable[[str], None] | None = None


def point(name: str) -> None:
    """Mark a boundary (before or after a commit, rename, sync or send) by its name."""
    if _probe is not None:
        _probe(name)


def arm(probe: Callable[[str], None] | None) -> None:
    """Let a test watch, delay or kill at the points; `None` disarms."""
    global _probe
    _probe = probe
