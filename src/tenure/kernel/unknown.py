"""Unknown: a value that cannot be computed, with its reason. It is never 0 and never silently falsy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NoReturn

Reason = Literal["undefined", "no_data", "too_little_history", "source_late", "withheld"]

REASONS: Final[tuple[Reason, ...]] = (
    "undefined",
    "no_data",
    "too_little_history",
    "source_late",
    "withheld",
)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why there is no value: one of the five reasons, and a sentence for a person."""

    reason: Reason
    says: str = ""

    def __bool__(self) -> NoReturn:
        """Refuse truth tests: `if value` would treat not knowing as zero."""
        raise TypeError("An Unknown is neither true nor false; ask `isinstance(value, Unknown)`.")
