"""Numbers in sentences."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """`1 account`, `2 accounts`, `12,000 accounts`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
