"""A line on a metric, with the side it flags and whether the line itself is flagged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tenure.signals.thresholds.bins import Floats

Sign = Literal["<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Line:
    """Values beyond it: `value` with the side and strictness of `sign`."""

    value: float
    sign: Sign

    @property
    def below(self) -> bool:
        """Whether small values lie beyond it."""
        return self.sign in ("<", "<=")

    def beyond(self, values: Floats) -> NDArray[np.bool_]:
        """Which values lie beyond; a missing one never does."""
        with np.errstate(invalid="ignore"):
            if self.sign == "<":
                return values < self.value
            if self.sign == "<=":
                return values <= self.value
            return values > self.value if self.sign == ">" else values >= self.value

    def opposite(self) -> Line:
        """The line that holds exactly the other values."""
        turned: dict[Sign, Sign] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
        return Line(self.value, turned[self.sign])

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"value": self.value, "sign": self.sign}


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
