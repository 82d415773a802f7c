"""What differs from day to day, kept for the days asked about last."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

MOST_DAYS = 24
"""How many days' versions of one thing are kept at once: a year of weeks would fill the memory."""


class Recent:
    """Things by kind and key; of each kind the one kept longest goes first."""

    def __init__(self, most: int = MOST_DAYS) -> None:
        self.most = most
        self.held: dict[str, dict[Hashable, Any]] = {}

    def kept(self, kind: str, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made anew only where it is no longer kept."""
        own = self.held.setdefault(kind, {})
        if key not in own:
            made = make()
            if len(own) >= self.most:
                own.pop(next(iter(own)))
            own[key] = made
        found: T = own[key]
        return found
