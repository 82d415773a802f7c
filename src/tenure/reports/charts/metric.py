"""Charts of one metric and an outcome: where both groups lie with the lines, and the rate part by part."""

from __future__ import annotations

import math
from typing import Any

from tenure.kernel.unknown import Unknown
from tenure.reports.charts.frame import (
    LIGHT,
    WIDTH,
    Layer,
    Spec,
    Theme,
    Words,
    framed,
    number,
    source_line,
    source_of,
    values,
)
from tenure.signals.question import question
from tenure.signals.thresholds.learned import Learned

HEIGHT = 110
GROUPS = {"renew": ("churned", "retained"), "grow": ("expanded", "did not expand"),
          "advocate": ("advocated", "did not advocate")}  # fmt: skip


def distribution(learned: Learned, asked: str = "renew", theme: Theme = LIGHT) -> Spec | Unknown:
    """Rows where it happened above rows where it did not, on one scale, with the lines and their interval.

    Args:
        learned: the result; a refused one is not drawn.
        asked: the question it was learned for.
        theme: the colours.

    Returns:
        A Vega-Lite spec, heights in percent of each group; or the result's refusal.
    """
    if learned.refused is not None:
        return learned.refused
    one, other = GROUPS[asked]
    events = learned.evidence.events
    others = learned.evidence.n - events
    name = learned.metric.name
    words = Words(
        learned.sentence,
        f"Share of each group by {name}: {events:,} rows {one}, {others:,} {other}. "
        f"The end bars hold what lies beyond. {_shaded(learned)}",
        source_of(learned.evidence),
        f"Two histograms of {name}, one above the other. {_told_lines(learned)}",
    )
    rows = [_row(learned, theme, (one, events), top=True), _row(learned, theme, (other, others))]
    rows[1]["layer"].append(source_line(words, theme, y=HEIGHT))
    body = {"vconcat": rows, "spacing": 26, "resolve": {"scale": {"x": "shared", "y": "shared"}}}
    return framed(body, words, theme)


def bins(learned: Learned, asked: str = "renew", theme: Theme = LIGHT) -> Spec | Unknown:
    """The rate in each part of the values with Wilson's interval, and its rows in words; or the refusal."""
    if learned.refused is not None:
        return learned.refused
    one = GROUPS[asked][0]
    name, evidence = learned.metric.name, learned.evidence
    base = evidence.events / evidence.n
    rows = [
        {
            "part": _between(learned, part.low, part.high), "rate": part.rate.estimate,
            "low": part.rate.low, "high": part.rate.high,
            "rows": f"{part.events:,} of {part.rows:,}",
        }
        for part in learned.parts
    ]  # fmt: skip
    words = Words(
        learned.sentence,
        f"Share {one} by part of {name}, with 95 % intervals; dashed: all rows, {base:.1%}. "
        f"{evidence.n:,} rows, {evidence.events:,} {one}.",
        source_of(evidence),
        f"A dot with its interval for each of {len(rows)} parts of {name}.",
    )
    y = {"field": "part", "type": "ordinal", "sort": None, "title": f"{name}{_unit(learned)}",
         "axis": {"grid": False, "ticks": False, "domain": False, "labelPadding": 12}}  # fmt: skip
    x = {"scale": {"zero": True, "nice": True}, "axis": {"format": ".0%"}}
    height = 26 * len(rows)
    layers: list[Layer] = [
        {"data": values([{"at": base}]),
         "mark": {"type": "rule", "strokeDash": [4, 4], "color": theme.muted},
         "encoding": {"x": number("at", None)}},
        {"mark": {"type": "rule", "strokeWidth": 2, "color": theme.other},
         "encoding": {"y": y, "x": number("low", f"Share {one}", **x), "x2": {"field": "high"}}},
        {"mark": {"type": "point", "filled": True, "size": 70, "opacity": 1, "color": theme.other},
         "encoding": {"y": y, "x": number("rate", f"Share {one}", **x)}},
        {"mark": {"type": "text", "align": "right", "x": WIDTH + 90, "color": theme.muted},
         "encoding": {"y": y, "text": {"field": "rows", "type": "nominal"}}},
        source_line(words, theme, y=height),
    ]  # fmt: skip
    body = {"data": values(rows), "width": WIDTH, "height": height, "layer": layers}
    return framed(body, words, theme)


def _row(learned: Learned, theme: Theme, group: tuple[str, int], *, top: bool = False) -> Spec:
    """One group's histogram with the lines through it."""
    word, total = group
    rows = [
        {"low": s.low, "high": s.high, "share": (s.events if top else s.rows - s.events) / total}
        for s in learned.steps
    ]
    x = {"scale": {"nice": False, "zero": False, "domain": _ends(learned)},
         "axis": {"grid": False, "labels": not top, "ticks": not top}}  # fmt: skip
    share = number("share", f"% {word}", axis={"format": ".0%", "tickCount": 3, "titleFontWeight": "bold"})  # fmt: skip
    layers: list[Layer] = [
        *_bands(learned, theme),
        {"data": values(rows),
         "mark": {"type": "rect", "color": theme.one if top else theme.other, "opacity": 0.85,
                  "stroke": theme.panel, "strokeWidth": 0.5},
         "encoding": {"x": number("low", None if top else f"{learned.metric.name}{_unit(learned)}", **x),
                      "x2": {"field": "high"}, "y": share, "y2": {"datum": 0}}},
        *_lines(learned, theme, labels=top),
    ]  # fmt: skip
    return {"width": WIDTH, "height": HEIGHT, "layer": layers}


def _bands(learned: Learned, theme: Theme) -> list[Layer]:
    found: list[Layer] = []
    low, high = _ends(learned)
    risk, well = learned.at_risk.lines, learned.healthy.lines
    spans: list[tuple[float, float, str, float]] = []
    if len(risk) == 1 and len(well) == 1 and risk[0].value != well[0].value:
        spans.append((*sorted((risk[0].value, well[0].value)), theme.between, 1.0))  # type: ignore[arg-type]
    if risk and not math.isnan(learned.at.low):
        spans.append((learned.at.low, learned.at.high, theme.muted, 0.22))
    for start, end, colour, opacity in spans:
        found.append(
            {"data": values([{"from": max(low, start), "to": min(high, end)}]),
             "mark": {"type": "rect", "color": colour, "opacity": opacity, "clip": True},
             "encoding": {"x": number("from", None), "x2": {"field": "to"}}}
        )  # fmt: skip
    return found


def _lines(learned: Learned, theme: Theme, *, labels: bool) -> list[Layer]:
    found: list[Layer] = []
    low, high = _ends(learned)
    most, _, least = question(learned.asked).zones
    named = [(most, learned.at_risk.lines, [], -20), (least, learned.healthy.lines, [5, 3], -6)]  # fmt: skip
    for word, lines, dash, dy in named:
        for line in lines:
            data = values([{"at": line.value, "says": f"{word} {learned.metric.line(line)}"}])
            at = number("at", None)
            found.append(
                {"data": data, "mark": {"type": "rule", "strokeWidth": 1.5, "color": theme.ink, "strokeDash": dash},
                 "encoding": {"x": at}}
            )  # fmt: skip
            if labels:
                align = "left" if line.value < (low + high) / 2 else "right"
                mark = {"type": "text", "align": align, "baseline": "bottom", "y": dy + 2}
                found.append({"data": data, "mark": mark,
                              "encoding": {"x": at, "text": {"field": "says", "type": "nominal"}}})  # fmt: skip
    return found


def _ends(learned: Learned) -> list[float]:
    lines = [line.value for line in (*learned.at_risk.lines, *learned.healthy.lines)]
    return [min([learned.steps[0].low, *lines]), max([learned.steps[-1].high, *lines])]


def _shaded(learned: Learned) -> str:
    if not learned.at_risk.lines:
        return "No line is drawn: none was found."
    most, _, least = question(learned.asked).zones
    line = f"{most.replace('at risk', 'at-risk')} line"
    return f"Grey: where the {line} may lie (95 %). Tinted: neither {most} nor {least}."


def _told_lines(learned: Learned) -> str:
    most, _, least = question(learned.asked).zones
    told = [f"{most.capitalize()} {learned.metric.line(x)}." for x in learned.at_risk.lines]
    told += [f"{least.capitalize()} {learned.metric.line(x)}." for x in learned.healthy.lines]
    return " ".join(told) or "No line is drawn."


def _between(learned: Learned, low: float, high: float) -> str:
    a, b = (learned.metric.number(v) for v in (low, high))
    return a if a == b else f"{a} to {b}"


def _unit(learned: Learned) -> str:
    unit: Any = {"days": " (days)", "percent": " (%)", "share": " (share)"}.get(
        learned.metric.unit, ""
    )
    return str(unit)
