"""Growth as one SVG: a panel per thing that grows, both axes logarithmic, a line per method."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, GAP = 300, 260, 56, 56, 60, 24
COLOURS = ("#0072b2", "#d55e00", "#555555", "#009e73", "#cc79a7")
"""Told apart by colour-blind eyes too (Okabe and Ito); the marks differ as well."""
DASHES = ("none", "6 3", "2 3", "8 3 2 3", "4 4")

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Panel:
    """What grows along x, and each method's points: size and seconds."""

    title: str
    lines: Mapping[str, Sequence[Point]]


def svg(title: str, panels: Sequence[Panel], names: Mapping[str, str]) -> str:
    """The picture's text; `names` says what each method is called, in the legend's order."""
    width = LEFT + len(panels) * (WIDTH + LEFT + GAP)
    height = TOP + HEIGHT + BOTTOM + 24
    times = [
        seconds for panel in panels for points in panel.lines.values() for _, seconds in points
    ]
    low, high = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" font-size="15" fill="#222222">{escape(title)}</text>',
    ]
    for number, panel in enumerate(panels):
        at = LEFT + number * (WIDTH + LEFT + GAP)
        body += _panel(panel, at, (low, max(high, low + 1)), list(names))
    for number, said in enumerate(names.values()):
        x, y = LEFT + number * 260, height - 16
        body.append(_stroke([(x, y - 4), (x + 28, y - 4)], number))
        body.append(f'<text x="{x + 34}" y="{y}" fill="#222222">{escape(said)}</text>')
    return "\n".join([*body, "</svg>", ""])


def _panel(panel: Panel, left: int, decades: tuple[int, int], names: Sequence[str]) -> list[str]:
    low, high = decades
    sizes = sorted({size for points in panel.lines.values() for size, _ in points})
    first, last = math.log10(sizes[0]), math.log10(sizes[-1])

    def x(size: float) -> float:
        return left + 12 + (WIDTH - 24) * ((math.log10(size) - first) / ((last - first) or 1))

    def y(seconds: float) -> float:
        return TOP + HEIGHT * (high - math.log10(seconds)) / (high - low)

    body = [f'<text x="{left}" y="{TOP - 10}" fill="#222222">{escape(panel.title)}</text>']
    for power in range(low, high + 1):
        body.append(
            f'<line x1="{left}" x2="{left + WIDTH}" y1="{y(10**power):.1f}" y2="{y(10**power):.1f}" stroke="#dddddd"/>'
            f'<text x="{left - 6}" y="{y(10**power) + 4:.1f}" text-anchor="end" fill="#555555">{10**power:g} s</text>'
        )
    for size in sizes:
        body.append(
            f'<text x="{x(size):.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle" fill="#555555">{short(size)}</text>'
        )
    for name, points in panel.lines.items():
        number = names.index(name)
        places = [(x(size), y(seconds)) for size, seconds in sorted(points)]
        body.append(_stroke(places, number))
        body += [
            f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3.5" fill="{COLOURS[number]}"/>'
            for a, b in places
        ]
    return body


def _stroke(places: Sequence[Point], number: int) -> str:
    listed = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
    return (
        f'<polyline points="{listed}" fill="none" stroke="{COLOURS[number]}" stroke-width="2" '
        f'stroke-dasharray="{DASHES[number]}"/>'
    )


def short(size: float) -> str:
    """Such as 5 M or 10 k."""
    for unit, word in ((1_000_000, " M"), (1_000, " k")):
        if size >= unit:
            return f"{size / unit:g}{word}"
    return f"{size:g}"
