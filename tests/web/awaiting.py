"""A coroutine that waits for nothing, walked to its end without a loop.

`asyncio.run` is refused in a worker whose session holds a browser: Playwright keeps a loop running there.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any


def finished(asked: Coroutine[Any, Any, None]) -> None:
    """Walk to the end; something that waits is an error of the test."""
    try:
        asked.send(None)
    except StopIteration:
        return
    asked.close()
    raise AssertionError("the coroutine waits for something; it needs a loop of its own")
