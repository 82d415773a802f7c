"""Charts over time: the median path before accounts left, and one account's readings."""

from __future__ import annotations

from datetime import timedelta

from tenure.kernel.errors import UnknownName
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
from tenure.signals.before_churn import BeforeChurn
from tenure.signals.trajectory import WEEKS, Trajectories

HEIGHT = 260


def path_before_churn(found: BeforeChurn, theme: Theme = LIGHT) -> Spec | Unknown:
    """Median and middle half of accounts that left and of comparable ones, by weeks before the exit; or why not."""
    if not found.cases:
        return Unknown("too_little_history", "No account that left has enough readings to draw.")
    told = max(found.patterns, key=lambda p: p.cases)
    words = Words(
        told.says,
        f"{found.metric} by weeks before the exit: median, shaded the middle half. {found.cases:,} accounts that "
        f"left (solid), {found.controls:,} comparable ones in the same weeks (dashed).",
        source_of(found.evidence),
        "Two lines with bands.",
    )
    layers: list[Layer] = []
    groups = [("churned", found.path_of_cases, theme.one, []), ("retained", found.path_of_controls, theme.other, [6, 3])]  # fmt: skip
    x = number("week", "Weeks before the exit", scale={"reverse": True, "nice": False},
               axis={"grid": False, "values": [39, 26, 13, 1]})  # fmt: skip
    free = {"scale": {"zero": False}}
    for word, path, colour, dash in groups:
        rows = [
            {"week": w, "low": a, "median": m, "high": b}
            for w, a, m, b in zip(path.weeks_before, path.low, path.median, path.high, strict=True)
        ]
        last = next((r for r in reversed(rows) if r["median"] == r["median"]), None)
        layers += [
            {"data": values(rows), "mark": {"type": "area", "color": colour, "opacity": 0.15},
             "encoding": {"x": x, "y": number("low", found.metric, **free), "y2": {"field": "high"}}},
            {"data": values(rows),
             "mark": {"type": "line", "color": colour, "strokeWidth": 2, "strokeDash": dash},
             "encoding": {"x": x, "y": number("median", found.metric, **free)}},
        ]  # fmt: skip
        if last:
            layers.append(
                {"data": values([last | {"says": word}]),
                 "mark": {"type": "text", "align": "left", "dx": 6, "color": colour},
                 "encoding": {"x": x, "y": number("median", found.metric, **free),
                              "text": {"field": "says", "type": "nominal"}}}
            )  # fmt: skip
    layers.append(source_line(words, theme, y=HEIGHT))
    return framed({"width": WIDTH, "height": HEIGHT, "layer": layers}, words, theme)


def account_path(
    found: Trajectories, account: str, value: str, theme: Theme = LIGHT
) -> Spec | Unknown:
    """One account's 39 weeks with its lines and its usual level; gaps stay gaps; or why it has no pattern.

    Raises:
        UnknownName: the account is not among them.
    """
    one = next((t for t in found if t.account == account), None)
    if one is None:
        raise UnknownName("account", account, found.weekly.accounts)
    if one.pattern == "insufficient":
        return Unknown("too_little_history", one.says)
    row, last = found.weekly.accounts.index(account), found.last_week
    rows = [
        {"day": found.weekly.monday(w).isoformat(), "value": float(found.weekly.values[row, w])}
        for w in range(max(0, last - WEEKS + 1), last + 1)
    ]
    end = found.weekly.monday(last) + timedelta(days=7)
    words = Words(
        f"{account}: {one.says}",
        f"{value} by week. Long dashes: usual level {one.level:.3g}. Zone now: {one.zone}. {one.readings} readings in 13 weeks.",
        source_of(found.evidence),
        f"A line of weekly readings up to {end.isoformat()}.",
    )
    x = {"field": "day", "type": "temporal", "title": None,
         "axis": {"format": "%b %Y", "grid": False, "tickCount": "month", "labelOverlap": True}}  # fmt: skip
    y = number("value", value, scale={"zero": False, "nice": True})
    layers: list[Layer] = [
        rule(one.level, "y", theme, dash=[8, 4]),
        {"data": values(rows),
         "mark": {"type": "line", "color": theme.other, "strokeWidth": 2, "invalid": "break-paths-show-domains",
                  "point": {"filled": True, "size": 28, "color": theme.other}},
         "encoding": {"x": x, "y": y}},
    ]  # fmt: skip
    for word, line in (("at risk", found.at_risk), ("healthy", found.healthy)):
        if line is not None:
            layers += [
                rule(line.value, "y", theme, width=1.5),
                {"data": values([{"value": line.value, "says": f"{word} {line}"}]),
                 "mark": {"type": "text", "align": "left", "x": WIDTH + 6},
                 "encoding": {"y": y, "text": {"field": "says", "type": "nominal"}}},
            ]  # fmt: skip
    layers.append(source_line(words, theme, y=HEIGHT))
    return framed({"width": WIDTH, "height": HEIGHT, "layer": layers}, words, theme)
