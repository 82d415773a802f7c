"""The only reader of the time. Everything else is told what day it is."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present instant, UTC, to the microsecond.

    `TENURE_NOW` (ISO 8601) holds the clock for demos and tests that start the program from outside.
    """
    held = os.environ.get("TENURE_NOW")
    if held:
        moment = datetime.fromisoformat(held)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return datetime.now(UTC)


def today(time_zone: str) -> date:
    """The civil date now in `time_zone`."""
    return now().astimezone(ZoneInfo(time_zone)).date()
