"""Lines in use held against what has happened: the verdict since they were learned, and how early they warned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from tenure.kernel.unknown import Unknown
from tenure.metrics.declaration import Metric
from tenure.metrics.questions import Day
from tenure.signals.in_use import InUse
from tenure.signals.lines import Line
from tenure.signals.plainly import plainly
from tenure.signals.review import Reviewed, Suggested, reviewed
from tenure.workspace.history import Door, WithHistory
from tenure.workspace.panels import PanelRows
from tenure.workspace.signals import WithSignals, learned, roles

HORIZON_WEEKS = 13


def reviews(door: Door, lines: Sequence[InUse], as_of: Day) -> list[Reviewed]:
    """The verdict on each line, in the order given."""
    metrics = {line.metric: door.catalogue.find(line.metric)[0] for line in lines}
    if not lines:
        return []
    rows = WithSignals.panel(door, list(metrics), as_of=as_of)
    found = []
    for line in lines:
        metric = metrics[line.metric]
        one = reviewed(line, rows, partial(_suggested, rows, metric))
        found.append(replace(one, alert_lead=alert_lead(door, metric, line.at_risk)))
    return found


def _suggested(rows: PanelRows, metric: Metric) -> Suggested | None:
    """What the learner says today of one metric; None where it finds no line."""
    from tenure.signals import Config

    known = roles([metric], rows)
    if not known:
        return None
    (found,) = learned(rows, known, Config(), 0)
    low, high = found.at.low, found.at.high
    if not found.at_risk.lines or low != low or high != high:
        return None
    return Suggested(low, high, " or ".join(found.metric.line(at) for at in found.at_risk.lines))


def alert_lead(door: Door, metric: Metric, at_risk: Sequence[Line]) -> dict[str, Any]:
    """How many days before accounts left a line's alerts began, on the kept history, or why that is not known."""
    from tenure.signals.alerts import judged
    from tenure.signals.exits import exits
    from tenure.signals.streams import stream
    from tenure.signals.weekly import weekly

    history = WithHistory.kept.fget(door)  # type: ignore[attr-defined]  # a property of the same object
    if not any(metric.id in part.metrics for part in history.parts.values()):
        return _unknown("No history of it is kept yet. Run `tenure refresh`.")
    if len(at_risk) != 1:
        return _unknown("Alerts are timed for a line, not for a band.")
    frame = WithHistory.history(door, [metric.id])
    columns = {name: frame.held[name].to_pylist() for name in ("as_of", "account_id", metric.id)}
    columns[metric.id] = [None if v is None else float(v) for v in columns[metric.id]]
    if not columns["as_of"]:
        return _unknown("The history kept holds no reading of it.")
    table = weekly(columns, account="account_id", time="as_of", value=metric.id)
    last = max(columns["as_of"])
    left = {a: found[-1].decided for a, found in exits(door.computed().reading, last).items()}
    told = judged(
        table.values,
        table.exits(left),
        at_risk[0],
        horizon=HORIZON_WEEKS,
        patience=metric.patience,
        draw=stream(0, metric.id),
    ).to_dict()
    del told["leads"]
    return told


def _unknown(says: str) -> dict[str, Any]:
    told: dict[str, Any] = plainly(Unknown("no_data", says))
    return told
