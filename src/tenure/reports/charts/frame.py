"""What all charts share: colours, type, title, source line, alternative text.

A chart is a Vega-Lite spec with its numbers inside: it names no address and no image, so that drawing it reads nothing.
A result never knows its charts.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenure.signals.evidence import Evidence

Spec = dict[str, Any]
Layer = dict[str, Any]

WIDTH = 620
TITLE_LETTERS, SUB_LETTERS = 74, 100
FONT = "Inter, Liberation Sans, Arial, Helvetica, sans-serif"
"""The first is ours (`reports/fonts`): text is measured by it everywhere, and drawn by it into every PNG.

An SVG or a page names it; where a reader has it not, the next one is shown in the room measured.
"""


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of a chart; `one` and `other` are told apart by dash and label as well."""

    panel: str
    ink: str
    muted: str
    line: str
    one: str
    other: str
    between: str


LIGHT = Theme("#ffffff", "#1c1f1d", "#5d635e", "#e3e3dc", "#a3441f", "#2f5d8a", "#f6ecd6")
DARK = Theme("#1b1e1c", "#ecefec", "#a3aaa4", "#2d312e", "#f0a17d", "#8fb6e8", "#33291a")


@dataclass(frozen=True, slots=True)
class Words:
    """What is written around a chart: the finding, what is plotted, where it comes from, and the picture in words."""

    title: str
    subtitle: str
    source: str
    alt: str


def source_of(evidence: Evidence) -> str:
    """The line below a chart: window, day of reading, method."""
    parts = []
    if evidence.first and evidence.last:
        parts.append(f"Data from {evidence.first} to {evidence.last}")
    if evidence.as_of:
        parts.append(f"as of {evidence.as_of}")
    parts.append(f"Method: {evidence.method}")
    return ". ".join(parts) + "."


def framed(body: Mapping[str, Any], words: Words, theme: Theme) -> Spec:
    """A whole spec: the body with its words and the look of all charts."""
    title, rest = _parted(words.title)
    for view in body.get("vconcat", [body]):
        _one_title(view["layer"])
    return {
        "description": f"{words.title} {words.alt}",
        "background": theme.panel,
        "padding": 20,
        "title": {
            "text": textwrap.wrap(title, TITLE_LETTERS),
            "subtitle": [
                *textwrap.wrap(rest, SUB_LETTERS),
                *textwrap.wrap(words.subtitle, SUB_LETTERS),
            ],
        },
        **body,
        "config": _config(theme),
    }


def source_line(words: Words, theme: Theme, *, y: int) -> Layer:
    """The source below the axis of a view that is `y` pixels high."""
    return {
        "data": {"values": [{"text": words.source}]},
        "mark": {"type": "text", "align": "left", "baseline": "top", "fontSize": 11,
                 "color": theme.muted, "x": 0, "y": y + 54},
        "encoding": {"text": {"field": "text", "type": "nominal"}},
    }  # fmt: skip


def values(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Rows as inline data; what is not known as null, which leaves a gap."""
    return {"values": [{k: plain(v) for k, v in row.items()} for row in rows]}


def plain(value: Any) -> Any:
    """A number that JSON can hold; NaN as None."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def number(field: str, title: str | None, **more: Any) -> dict[str, Any]:
    """A channel of numbers with the title of its axis."""
    return {"field": field, "type": "quantitative", "title": title, **more}


def rule(at: float, axis: str, theme: Theme, *, dash: Sequence[int] = (), width: float = 1) -> Layer:  # fmt: skip
    """A line through the whole view at one value of an axis."""
    return {
        "data": values([{"at": at}]),
        "mark": {"type": "rule", "color": theme.muted, "strokeDash": list(dash), "strokeWidth": width},
        "encoding": {axis: number("at", None)},
    }  # fmt: skip


def _parted(says: str) -> tuple[str, str]:
    """The sentences that fit a title, at least one, and those left for the subtitle."""
    first, *others = re.split(r"(?<=\.) (?=[A-Z0-9])", says)
    while others and len(first) + len(others[0]) < 2 * TITLE_LETTERS:
        first = f"{first} {others.pop(0)}"
    return first, " ".join(others)


def _one_title(layers: Sequence[Layer]) -> None:
    """An axis that several layers share has the one title that a layer gives it, not a list of their fields."""
    for axis in ("x", "y"):
        channels = [c for layer in layers if (c := layer.get("encoding", {}).get(axis))]
        title = next((c["title"] for c in channels if c.get("title")), None)
        for channel in channels:
            channel["title"] = title


def _config(theme: Theme) -> dict[str, Any]:
    return {
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            "labelColor": theme.muted, "titleColor": theme.ink, "gridColor": theme.line,
            "domainColor": theme.muted, "tickColor": theme.muted, "labelFontSize": 12,
            "titleFontSize": 12, "titleFontWeight": "normal", "titlePadding": 10, "labelLimit": 240,
            "tickCount": 6,
        },
        "title": {
            "anchor": "start", "frame": "bounds", "fontSize": 16, "fontWeight": "bold",
            "color": theme.ink, "subtitleColor": theme.muted, "subtitleFontSize": 12.5,
            "subtitlePadding": 8, "lineHeight": 21, "subtitleLineHeight": 17, "offset": 22,
        },
        "text": {"fontSize": 12, "color": theme.ink},
    }  # fmt: skip
