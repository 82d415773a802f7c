"""Who needs me: a book as bubbles, days to the renewal across, health up, size by ARR, a ring where a touch is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tenure.reports.charts.frame import (
    LIGHT,
    Spec,
    Theme,
    Words,
    framed,
    number,
    rule,
    source_line,
    values,
)

HEIGHT = 380
FARTHEST = 400
"""Days; renewals farther away stand at the right edge."""
NAMED = 6
ZONES = {
    "at_risk": ("At risk", "triangle-down"),
    "watch": ("Watch", "diamond"),
    "healthy": ("Healthy", "circle"),
}
COLOURS = {
    "light": {"at_risk": "#9b3421", "watch": "#a8741a", "healthy": "#1f6648"},
    "dark": {"at_risk": "#f0917d", "watch": "#e3b869", "healthy": "#77c9a3"},
}


@dataclass(frozen=True, slots=True)
class Bubble:
    """One account with a known score and renewal. `days` to the renewal, `arr` in the reporting currency."""

    account_id: str
    name: str
    zone: str
    health: float
    days: int
    arr: Decimal
    is_overdue: bool
    address: str


def bubbles(found: Sequence[Bubble], words: Words, theme: Theme = LIGHT, *, is_dark: bool = False) -> Spec:  # fmt: skip
    """The chart; drag over it to choose, click a bubble to open its account.

    Args:
        found: the accounts; what has no score or no renewal is said in `words` and not drawn.
        words: finding, what is plotted, source, and the picture in words.
        theme: the colours.
        is_dark: which colours of the zones.

    Returns:
        A Vega-Lite spec with two parameters: `chosen`, an interval of days and health, and the address of each bubble.
    """
    named = {
        one.account_id
        for one in sorted((b for b in found if b.days < FARTHEST), key=lambda b: -b.arr)[:NAMED]
    }
    rows = [_row(one, named) for one in sorted(found, key=lambda b: -b.arr)]
    colours = COLOURS["dark" if is_dark else "light"]
    scale = {"domain": list(ZONES), "range": [colours[zone] for zone in ZONES]}
    shapes = {"domain": list(ZONES), "range": [shape for _, shape in ZONES.values()]}
    data = values(rows)
    place: dict[str, Any] = {
        "x": number(
            "shown_days", "Days to renewal",
            scale={"domain": [min([0, *(r["shown_days"] for r in rows)]), FARTHEST], "nice": False},
        ),
        "y": number("health", "Health", scale={"domain": [0, 100]}),
    }  # fmt: skip
    marks = {
        "data": data,
        "params": [{"name": "chosen", "select": {"type": "interval"}}],
        "mark": {"type": "point", "filled": True, "opacity": 0.72, "strokeWidth": 2, "cursor": "pointer"},
        "encoding": place | {
            "size": number("arr", None, legend=None, scale={"range": [30, 900], "zero": True}),
            "color": {"field": "zone", "type": "nominal", "scale": scale, "legend": None},
            "shape": {"field": "zone", "type": "nominal", "scale": shapes, "legend": None},
            "stroke": {"condition": {"test": "datum.overdue", "value": theme.ink}, "value": "transparent"},
            "href": {"field": "address", "type": "nominal"},
            "tooltip": {"field": "said", "type": "nominal"},
        },
    }  # fmt: skip
    labels = {
        "data": values([row for row in rows if row["named"]]),
        "mark": {"type": "text", "dy": -16, "fontSize": 11, "limit": 130},
        "encoding": place | {"text": {"field": "name", "type": "nominal"}},
    }
    near = rule(90, "x", theme, dash=(4, 4))
    body = {
        "width": "container",
        "height": HEIGHT,
        "layer": [marks, near, labels, source_line(words, theme, y=HEIGHT)],
    }
    return framed(body, words, theme)


def _row(one: Bubble, named: set[str]) -> dict[str, Any]:
    late = "; a touch is overdue" if one.is_overdue else ""
    return {
        "id": one.account_id,
        "name": one.name,
        "zone": one.zone,
        "health": one.health,
        "days": one.days,
        "shown_days": min(one.days, FARTHEST),
        "arr": float(one.arr),
        "overdue": one.is_overdue,
        "address": one.address,
        "named": one.account_id in named,
        "said": f"{one.name}: {ZONES[one.zone][0].lower()}, {one.health:.0f}, renews in {one.days} days{late}",
    }
