"""Small marks inside tables and beside numbers, as the points of inline SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, EDGE = 78.0, 20.0, 2.0


def spark_points(
    values: Sequence[float | None], *, low: float, high: float, width: float = WIDTH
) -> Iterator[str]:
    """The points of each unbroken stretch of a small line, as SVG writes them; a lone value is a short dash.

    Args:
        values: equally spaced, oldest first; None where nothing is known, which stays a gap.
        low: the value at the lower edge.
        high: the value at the upper edge; values beyond lie on the edge.
        width: of the drawing; its height is `HEIGHT`.
    """
    step = (width - 2 * EDGE) / max(len(values) - 1, 1)
    stretch: list[str] = []
    for index, value in enumerate([*values, None]):
        if value is not None:
            share = (min(max(value, low), high) - low) / (high - low)
            y = HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE)
            stretch.append(f"{EDGE + index * step:.1f},{y:.1f}")
        elif stretch:
            if len(stretch) == 1:
                x, y_said = stretch[0].split(",")
                stretch.append(f"{float(x) + 1.5:.1f},{y_said}")
            yield " ".join(stretch)
            stretch = []


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a small chart: its place in the drawing, and what it says to a pointer."""

    x: float
    y: float
    width: float
    height: float
    zone: str
    said: str


def bars(
    values: Sequence[tuple[float | None, str, str]],
    *,
    high: float = 100,
    width: float = 720,
    height: float = 150,
) -> list[Bar]:
    """Bars from zero, equally spaced, oldest first; a missing value is a gap.

    Args:
        values: each value with its zone and its words.
        high: the value at the upper edge.
        width: of the drawing.
        height: of the drawing.
    """
    step = width / max(len(values), 1)
    return [
        Bar(
            round(index * step + 1, 1),
            round(height - min(value / high, 1) * height, 1),
            round(step - 2, 1),
            round(min(value / high, 1) * height, 1),
            zone,
            said,
        )
        for index, (value, zone, said) in enumerate(values)
        if value is not None
    ]
