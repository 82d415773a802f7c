"""The verbs on flags and lines by name, for the runner's children and for the tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenure import Workspace


def said_of_flags(ws: Workspace, order: dict[str, Any]) -> None:
    """Says one verb with the words given."""
    verbs: dict[str, Callable[..., Any]] = {
        "raise": ws.raise_flags,
        "dismiss": ws.dismiss_flag,
        "snooze": ws.snooze_flag,
        "learn": ws.thresholds.learn,
        "set": ws.thresholds.set,
        "withdraw": ws.thresholds.withdraw,
        "off": ws.thresholds.off,
        "validate": ws.thresholds.validate,
    }
    verbs[order["verb"]](*order["of"], **order["how"])
