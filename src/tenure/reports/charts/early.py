"""Charts of how early a metric knows: the AUC by days before the exit, and when alerts came."""

from __future__ import annotations

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
    rule,
    source_line,
    source_of,
    values,
)
from tenure.signals.leadtime import LeadTime

HEIGHT = 260
MONTH = 30


def lead_curve(found: LeadTime, theme: Theme = LIGHT) -> Spec | Unknown:
    """AUC by days before the exit with its 95 % interval, one half, and the separation lead; or the refusal."""
    lead = found.separation.lead_days
    if isinstance(lead, Unknown):
        return lead
    rows = [
        {"days": one.days, "auc": one.auc.estimate, "low": one.auc.low, "high": one.auc.high}
        for one in found.separation.curve
    ]
    words = Words(
        found.says,
        f"AUC of leaving against staying accounts by days before the exit, with its 95 % interval. "
        f"{found.evidence.events:,} exits, {found.evidence.n:,} readings.",
        source_of(found.evidence),
        f"A curve from {rows[-1]['days']} days before the exit to the exit; the lead is {lead} days.",
    )
    x = number("days", "Days before the exit", scale={"reverse": True, "nice": False},
               axis={"grid": False, "values": list(range(0, int(rows[-1]["days"]) + 1, MONTH))})  # fmt: skip
    scale = {"scale": {"zero": False, "nice": True}, "axis": {"format": ".2f"}}
    layers: list[Layer] = [
        {"mark": {"type": "area", "color": theme.other, "opacity": 0.18},
         "encoding": {"x": x, "y": number("low", "AUC", **scale), "y2": {"field": "high"}}},
        rule(0.5, "y", theme, dash=[4, 4]),
        {"mark": {"type": "line", "color": theme.other, "strokeWidth": 2},
         "encoding": {"x": x, "y": number("auc", "AUC", **scale)}},
        _note(0.5, "y", "no difference", theme),
    ]  # fmt: skip
    if lead:
        layers += [rule(lead, "x", theme, width=1.5), _note(lead, "x", f"differs from {lead} days on", theme)]  # fmt: skip
    layers.append(source_line(words, theme, y=HEIGHT))
    body = {"data": values(rows), "width": WIDTH, "height": HEIGHT, "layer": layers}
    return framed(body, words, theme)


def alert_leads(found: LeadTime, theme: Theme = LIGHT) -> Spec | Unknown:
    """How many exits were warned of how many days ahead, by 30 days; never warned apart; or why not."""
    told = found.alerts
    if told is None:
        return Unknown("no_data", "No threshold was given, so no alert can be timed.")
    if not told.cases:
        return Unknown("too_little_history", "No exit can be timed: at least one is needed.")
    longest = max(told.leads)
    rows = [{"when": "never", "exits": sum(1 for d in told.leads if d <= 0)}]
    for start in range(0, longest + 1, MONTH):
        n = sum(1 for d in told.leads if d > 0 and start <= d < start + MONTH)
        rows.append({"when": f"{max(1, start)}–{start + MONTH - 1}", "exits": n})
    words = Words(
        _of_alerts(found.says),
        f"Exits by days between the first alert and the exit. {told.cases:,} exits.",
        source_of(found.evidence),
        "Bars from never warned to the longest lead.",
    )
    x = {"field": "when", "type": "ordinal", "sort": None, "title": "Days warned ahead",
         "axis": {"labelAngle": 0}}  # fmt: skip
    y = number("exits", "Exits", axis={"tickMinStep": 1, "format": ",d"})
    layers: list[Layer] = [
        {"mark": {"type": "bar", "color": theme.other, "opacity": 0.85}, "encoding": {"x": x, "y": y}},
        {"mark": {"type": "text", "baseline": "bottom", "dy": -4},
         "encoding": {"x": x, "y": y, "text": number("exits", None, format=",d")}},
        source_line(words, theme, y=HEIGHT),
    ]  # fmt: skip
    body = {"data": values(rows), "width": WIDTH, "height": HEIGHT, "layer": layers}
    return framed(body, words, theme)


def _of_alerts(says: str) -> str:
    """What the result says from its threshold on."""
    at = says.find("The threshold")
    return says[max(at, 0) :]


def _note(at: float, axis: str, says: str, theme: Theme) -> Layer:
    mark: dict[str, Any] = {"type": "text", "color": theme.muted, "baseline": "bottom"}
    mark |= (
        {"align": "left", "x": WIDTH + 6, "baseline": "middle"}
        if axis == "y"
        else {"align": "left", "y": -4}
    )
    return {"data": values([{"at": at, "says": says}]), "mark": mark,
            "encoding": {axis: number("at", None),
                         "text": {"field": "says", "type": "nominal"}}}  # fmt: skip
