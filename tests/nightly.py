"""On how many examples a law is tried: on some by day, on many by night (`make test-night` sets TENURE_NIGHT)."""

from __future__ import annotations

import os


def examples(day: int, *, night: int) -> int:
    """The number for this run."""
    return night if os.environ.get("TENURE_NIGHT") else day
