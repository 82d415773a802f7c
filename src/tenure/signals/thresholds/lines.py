"""Parts of a metric's values: beyond one line, or beyond several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenure.signals.lines import Line
from tenure.signals.thresholds.bins import Floats


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of a metric's values: beyond one line, beyond any of several, or (`all_of`) beyond all of them."""

    lines: tuple[Line, ...]
    all_of: bool = False

    def holds(self, values: Floats) -> NDArray[np.bool_]:
        """Which values lie in it; without lines none."""
        inside = [line.beyond(values) for line in self.lines]
        if not inside:
            return np.zeros(len(values), dtype=bool)
        return np.asarray(np.all(inside, axis=0) if self.all_of else np.any(inside, axis=0))

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"lines": [line.to_dict() for line in self.lines], "all_of": self.all_of}


NOTHING = Zone(())

__all__ = ["NOTHING", "Line", "Zone"]
