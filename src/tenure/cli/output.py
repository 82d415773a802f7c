"""How values look in a terminal: money, ratios, days, Unknown, sparklines, JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

BARS = "▁▂▃▄▅▆▇█"


def say(text: str = "") -> None:
    """One line to standard output, in whatever letters the terminal has."""
    encoding = sys.stdout.encoding or "utf-8"
    _write(text.encode(encoding, "replace").decode(encoding) + "\n")


def say_json(value: Any) -> None:
    """One JSON document; money keeps every digit because Decimals arrive as plain numbers."""
    _write(json.dumps(value, ensure_ascii=False) + "\n")


def _write(text: str) -> None:
    """Write at once; end well where nobody reads any more: `tenure metrics | head` is no failure.

    Here and not at the top, because the command library turns a closed pipe into exit status 1.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None


def sparkline(values: Sequence[Decimal | float | None]) -> str:
    """One bar per value between their lowest and highest; a gap where a value is unknown."""
    known = [float(value) for value in values if value is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    return "".join(
        " " if value is None else BARS[min(7, int((float(value) - low) / span * 8))]
        for value in values
    )


def day(value: date | None) -> str:
    """A civil day, or a dash."""
    return value.isoformat() if value is not None else "–"
