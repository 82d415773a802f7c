"""What an oracle says: parts, headline, and for everything Unknown the reason, never a zero."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

Reason = str | tuple[str, ...]  # several words where two reasons hold at once


class Anything:
    """A headline the pages do not settle."""


ANYTHING = Anything()


@dataclass
class Told:
    """An answer in the shape of the contract (8.4).

    `components` by name, None where Unknown; `reasons` by dotted path; `value` the headline, with `unknown` where it is
    None for a reason. `optional` names maps the contract gives no null: there an Unknown account may be left out.
    `unordered` names lists whose order means nothing.
    """

    components: dict[str, Any]
    value: Any = None
    unknown: Reason | None = None
    reasons: dict[str, Reason] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    unordered: frozenset[str] = frozenset()

    def lack(self, path: str, reason: Reason) -> None:
        """Say that a part is Unknown, and why."""
        self.reasons[path] = reason


def missing(*names: str) -> Told:
    """The answer where a table it needs was never delivered."""
    return Told(
        dict.fromkeys(names),
        unknown="no_data",
        reasons=dict.fromkeys(names, "no_data"),
    )


def share(part: Fraction | int, whole: Fraction | int) -> Fraction | None:
    """part / whole; None where the whole is 0."""
    return Fraction(part) / Fraction(whole) if whole else None


def total(numbers: Iterable[Any]) -> Fraction:
    """The sum of those that are there."""
    return sum((Fraction(number) for number in numbers if number is not None), Fraction(0))
