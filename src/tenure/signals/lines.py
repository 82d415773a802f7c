"""A line with its strictness: which values lie beyond it, and which zone a value is in."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tenure.kernel.errors import UserError

Sign = Literal["<", "<=", ">", ">="]
Zone = Literal["at risk", "in between", "healthy", "unknown"]

_BEYOND: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_WORDS = {"<": "below", "<=": "at most", ">": "above", ">=": "at least"}


@dataclass(frozen=True, slots=True)
class Line:
    """A value in the metric's own unit and the side that lies beyond it; `Line(20, "<")` is "below 20"."""

    value: float
    sign: Sign

    def __post_init__(self) -> None:
        if self.sign not in _BEYOND:
            raise UserError(
                f"`{self.sign}` is no sign of a line.",
                remedy="Write one of <, <=, >, >=.",
                code="line.sign",
            )

    @property
    def below(self) -> bool:
        """Whether small values lie beyond it."""
        return self.sign in ("<", "<=")

    def beyond(self, values: NDArray[np.float64] | float) -> NDArray[np.bool_]:
        """Which values lie beyond the line; a value that is not known lies nowhere."""
        return np.asarray(_BEYOND[self.sign](values, self.value), dtype=bool)

    def opposite(self) -> Line:
        """The line at the same place beyond which lies everything that is not beyond this one."""
        signs: dict[Sign, Sign] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
        return Line(self.value, signs[self.sign])

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"value": self.value, "sign": self.sign}

    def __str__(self) -> str:
        return f"{_WORDS[self.sign]} {self.value:g}"


def line_from(text: str) -> Line:
    """A line as typed: `<20`, `>=30`.

    Raises:
        UserError: no sign, or no number behind it.
    """
    told = text.strip()
    sign = "".join(mark for mark in told[:2] if mark in "<>=")
    try:
        if sign not in _BEYOND:
            raise ValueError(sign)
        return Line(float(told[len(sign) :]), sign)  # type: ignore[arg-type]  # one of the signs
    except ValueError:
        raise UserError(
            f"`{text}` is no line.",
            remedy='Write a sign and a number, in quotes: "<20", ">=30".',
            code="line.text",
        ) from None


def zone(value: float, at_risk: Line, healthy: Line | None = None) -> Zone:
    """The zone of one value; without a healthy line everything that is not at risk is healthy."""
    if np.isnan(value):
        return "unknown"
    if at_risk.beyond(value):
        return "at risk"
    return "healthy" if healthy is None or healthy.beyond(value) else "in between"
