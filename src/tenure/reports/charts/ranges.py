"""Charts of numbers with intervals: books, the coverage comparison, calibration, forecasts and their record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tenure.insights.coverage_result import CoverageDelta
from tenure.insights.portfolio import Funnel
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
    rule,
    source_line,
    source_of,
    values,
)
from tenure.signals.backtesting.contenders import LEARNED
from tenure.signals.backtesting.door import Backtest
from tenure.signals.forecasting.door import Forecast

HEIGHT = 320
ROW = 34
Row = Mapping[str, Any]


def funnel(found: Funnel, theme: Theme = LIGHT) -> Spec | Unknown:
    """Observed over expected churns against expected ones, each with the limits of its own book.

    One colour and no order of people. Withheld books are named in words, not drawn.
    """
    if found.refused is not None:
        return found.refused
    shown = [book for book in found.books if book.expected and book.within and book.within_95]
    withheld = [book.csm for book in found.books if book.withheld is not None]
    if not shown:
        return Unknown("too_little_history", found.says)
    rows = []
    for book in shown:
        e, most, few = float(book.expected or 0), book.within, book.within_95
        assert most is not None  # noqa: S101 - chosen above; for the types
        assert few is not None  # noqa: S101
        rows.append(
            {"book": book.csm, "expected": e, "ratio": book.ratio, "low": few.low / e, "high": few.high / e,
             "least": most.low / e, "most": most.high / e}
        )  # fmt: skip
    hidden = f" Not drawn, too small to compare: {', '.join(withheld)}." if withheld else ""
    words = Words(
        found.says,
        "Observed over expected churns of each book, with what chance allows such a book: thick 95 %, thin 99.8 %. "
        f"{found.evidence.n:,} accounts, {found.evidence.events:,} churned.{hidden}",
        source_of(found.evidence),
        f"A dot with two ranges for each of {len(rows)} books, by expected churns. Books are not ranked.",
    )
    _place(rows)
    x = number("expected", "Expected churns", scale={"zero": True, "nice": True}, axis={"grid": False})  # fmt: skip
    title = "Observed / expected"
    layers: list[Layer] = [
        rule(1, "y", theme, dash=[4, 4]),
        _bar("least", "most", x, title, theme.muted, 1, 1.0),
        _bar("low", "high", x, title, theme.muted, 5, 0.4),
        {"mark": {"type": "point", "filled": True, "size": 70, "opacity": 1, "color": theme.other,
                  "stroke": theme.panel},
         "encoding": {"x": x, "y": number("ratio", title)}},
        _names(x, title, {"stroke": theme.panel, "strokeWidth": 4, "strokeJoin": "round", "color": theme.panel}),
        _names(x, title, {}),
        source_line(words, theme, y=HEIGHT),
    ]  # fmt: skip
    body = {"data": values(rows), "width": WIDTH, "height": HEIGHT, "layer": layers}
    return framed(body, words, theme)


def coverage(found: CoverageDelta, theme: Theme = LIGHT) -> Spec | Unknown:
    """The plain and the adjusted difference in points with their intervals; or the refusal."""
    if found.refused is not None:
        return found.refused
    named = [("all renewals", found.raw), ("among alike accounts", found.adjusted)]
    if found.second_opinion is not None:
        named.append(("second opinion, by weighting", found.second_opinion))
    rows = [
        {"row": word, "mid": 100 * i.estimate, "low": 100 * i.low, "high": 100 * i.high,
         "says": f"{100 * i.estimate:+.1f} ({100 * i.low:+.1f} to {100 * i.high:+.1f})".replace("-", "−")}
        for word, i in named
    ]  # fmt: skip
    arms = found.arms
    words = Words(
        found.says,
        f"Difference in renewal rate, covered less under-covered, with 95 % intervals. {arms.covered:,} covered and "
        f"{arms.under:,} under-covered renewals, {arms.lost:,} lost.",
        source_of(found.evidence),
        "; ".join(f"{r['row']} {r['says']} points" for r in rows) + ".",
    )
    return dots_on_ranges(rows, "Points of renewal rate", words, theme, at=0)


def calibration(found: Backtest, contender: str = LEARNED, theme: Theme = LIGHT) -> Spec | Unknown:  # fmt: skip
    """What came against what was told in five bins, over all origins, with Wilson's intervals and the slope in words."""
    line = found.line(contender)
    if not line.reliability:
        return Unknown("too_little_history", f"Nothing was told by `{contender}`.")
    rows = [
        {"told": b.told, "came": b.came.estimate, "low": b.came.low, "high": b.came.high}
        for b in line.reliability
    ]
    top = min(1.0, 1.05 * max(max(r["high"], r["told"]) for r in rows))
    words = Words(
        f"The chances of `{contender}` {slope_in_words(line.slope)} (slope {line.slope:.2f}).",
        f"Share that churned against the chance told, in five bins of equal size, with 95 % intervals. "
        f"{line.n:,} rows, {line.events:,} churns. Dashed: chances that mean what they say. "
        "The slope has no interval.",
        source_of(found.evidence),
        f"{len(rows)} dots with intervals beside the diagonal.",
    )
    same = {"domain": [0, top], "nice": False}
    x = number("told", "Chance told", scale=same, axis={"format": ".0%"})
    y = {"scale": same, "axis": {"format": ".0%"}}
    layers: list[Layer] = [
        {"data": values([{"told": 0, "came": 0}, {"told": top, "came": top}]),
         "mark": {"type": "line", "strokeDash": [4, 4], "color": theme.muted, "strokeWidth": 1},
         "encoding": {"x": x, "y": number("came", "Share that churned", **y)}},
        {"mark": {"type": "rule", "strokeWidth": 2, "color": theme.other},
         "encoding": {"x": x, "y": number("low", "Share that churned", **y), "y2": {"field": "high"}}},
        {"mark": {"type": "point", "filled": True, "size": 80, "opacity": 1, "color": theme.other},
         "encoding": {"x": x, "y": number("came", "Share that churned", **y)}},
        source_line(words, theme, y=HEIGHT),
    ]  # fmt: skip
    body = {"data": values(rows), "width": WIDTH, "height": HEIGHT, "layer": layers}
    return framed(body, words, theme)


def slope_in_words(slope: float) -> str:
    """What a calibration slope says: below .8 too far apart, above 1.25 too close together."""
    if slope < 0.8:
        return "lie too far apart: high ones are too high, low ones too low"
    if slope > 1.25:
        return "lie too close together: high ones are too low, low ones too high"
    return "are spread about as far as what came"


def forecast_ranges(found: Forecast, theme: Theme = LIGHT) -> Spec | Unknown:
    """Gross and, where known, net retention: 10th to 90th percentile and the middle; the target as a line."""
    named = [("gross retention", found.grr)]
    if not isinstance(found.nrr, Unknown):
        named.append(("net retention", found.nrr))
    rows = [
        {"row": word, "mid": 100 * r.p50, "low": 100 * r.p10, "high": 100 * r.p90,
         "says": f"{r.p50:.1%} ({r.p10:.1%} to {r.p90:.1%})"}
        for word, r in named
    ]  # fmt: skip
    target = f" The line is the target, {found.target:.1%}." if found.target is not None else ""
    words = Words(
        found.says,
        f"Middle and 80 % range of the draws; {found.record.says}. "
        f"{found.evidence.n:,} renewals.{target}",
        source_of(found.evidence),
        "; ".join(f"{r['row']} {r['says']}" for r in rows) + ".",
    )
    at = None if found.target is None else 100 * found.target
    return dots_on_ranges(rows, "% of the ARR that renews", words, theme, at=at)


def dots_on_ranges(
    rows: Sequence[Row], title: str, words: Words, theme: Theme, *, at: float | None
) -> Spec:
    """A dot with its interval per row, the numbers beside it.

    Args:
        rows: `row` (its name), `mid`, `low`, `high` and `says`, in the order to show.
        title: of the axis.
        words: what is written around it.
        theme: colours.
        at: a dashed line through all rows.
    """
    height = ROW * len(rows)
    y = {"field": "row", "type": "ordinal", "sort": None, "title": None,
         "axis": {"ticks": False, "domain": False, "grid": False, "labelColor": theme.ink,
                  "labelPadding": 12}}  # fmt: skip
    free: dict[str, Any] = {"scale": {"zero": False, "nice": True}}
    layers: list[Layer] = [] if at is None else [rule(at, "x", theme, dash=[4, 4])]
    layers += [
        {"mark": {"type": "rule", "strokeWidth": 2.5, "color": theme.other},
         "encoding": {"y": y, "x": number("low", title, **free), "x2": {"field": "high"}}},
        {"mark": {"type": "point", "filled": True, "size": 90, "opacity": 1, "color": theme.other},
         "encoding": {"y": y, "x": number("mid", title, **free)}},
        {"mark": {"type": "text", "align": "left", "x": WIDTH - 140},
         "encoding": {"y": y, "text": {"field": "says", "type": "nominal"}}},
        source_line(words, theme, y=height),
    ]  # fmt: skip
    body = {"data": values(rows), "width": WIDTH - 160, "height": height, "layer": layers}
    return framed(body, words, theme)


def _names(x: Row, title: str, look: Row) -> Layer:
    """Names beside their dots; drawn once in the paper's colour below, so that no line runs through them."""
    return {"mark": {"type": "text", "align": "left", "dx": 8, **look},
            "encoding": {"x": x, "y": number("label", title),
                         "text": {"field": "book", "type": "nominal"}}}  # fmt: skip


def _bar(low: str, high: str, x: Row, title: str, colour: str, width: float, opacity: float) -> Layer:  # fmt: skip
    return {"mark": {"type": "rule", "strokeWidth": width, "color": colour, "opacity": opacity},
            "encoding": {"x": x, "y": number(low, title), "y2": {"field": high}}}  # fmt: skip


def _place(rows: list[dict[str, Any]]) -> None:
    """Gives each label a height at which it covers no other one, as near its dot as there is room."""
    right = max(r["expected"] for r in rows)
    top = max(max(r["most"], r["ratio"]) for r in rows)
    wide, tall = right * 7 / WIDTH, top * 15 / HEIGHT
    placed: list[tuple[float, float, float]] = []
    for row in sorted(rows, key=lambda r: (r["expected"], r["book"])):
        start, end = row["expected"], row["expected"] + wide * (len(row["book"]) + 2)
        for step in range(60):
            at = row["ratio"] + tall * ((step + 1) // 2) * (1 if step % 2 else -1)
            free = all(end < a or start > b or abs(at - y) >= tall for a, b, y in placed)
            if at >= 0 and free:
                break
        placed.append((start, end, at))
        row["label"] = at
