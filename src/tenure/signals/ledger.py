"""The ledger of a panel: who came, who is in, who was left out and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Ledger:
    """Rows that came, rows that are in, and those left out by reason."""

    came: int
    kept: int
    excluded: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"came": self.came, "kept": self.kept, "excluded": dict(self.excluded)}
