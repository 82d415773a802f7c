"""Lines in use held against what has happened: the verdict since they were learned, and how early they warned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import compress
from typing import Any

from tenure.kernel.unknown import Unknown
from tenure.metrics.declaration import Metric
from tenure.metrics.questions import Day
from tenure.signals.in_use import RISK, For, InUse
from tenure.signals.lines import Line
from tenure.signals.plainly import plainly
from tenure.signals.question import question
from tenure.signals.review import Reviewed, Suggested, reviewed
from tenure.workspace.history import Door, WithHistory
from tenure.workspace.panels import PanelRows
from tenure.workspace.signals import WithSignals, learned, roles, within

HORIZON_WEEKS = 13


def reviews(door: Door, lines: Sequence[InUse], as_of: Day) -> list[Reviewed]:
    """The verdict on each line, in the order given."""
    metrics = {line.metric: door.catalogue.find(line.metric)[0] for line in lines}
    if not lines:
        return []
    panels: dict[str, PanelRows] = {}
    found = []
    for line in lines:
        if line.asked not in panels:
            asked = [
                m for m in metrics if any(x.asked == line.asked for x in lines if x.metric == m)
            ]
            panels[line.asked] = WithSignals.panel(door, asked, as_of=as_of, asked=line.asked)
        rows, metric = panels[line.asked], metrics[line.metric]
        if line.segment:
            rows = within(rows, line.segment)
        one = reviewed(line, rows, partial(_suggested, rows, metric, line.asked))
        of = For(line.asked, line.segment)
        found.append(replace(one, alert_lead=alert_lead(door, metric, line.at_risk, of)))
    return found


def _suggested(rows: PanelRows, metric: Metric, asked: str) -> Suggested | None:
    """What the learner says today of one metric; None where it finds no line."""
    from tenure.signals import Config

    known = roles([metric], rows)
    if not known:
        return None
    (found,) = learned(rows, known, Config(), 0, label=question(asked).label, asked=asked)
    low, high = found.at.low, found.at.high
    if not found.at_risk.lines or low != low or high != high:
        return None
    return Suggested(low, high, " or ".join(found.metric.line(at) for at in found.at_risk.lines))


def alert_lead(
    door: Door, metric: Metric, at_risk: Sequence[Line], of: For = RISK
) -> dict[str, Any]:
    """How many days before accounts left a line's alerts began, on the kept history, or why that is not known."""
    if of.asked != "renew":
        return _unknown(
            "It is measured of warnings before accounts left, not of hints at good news."
        )
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
    if of.segment:
        accounts = door.computed().reading.accounts()
        own = [(accounts.get(a) or {}).get("segment") == of.segment for a in columns["account_id"]]
        columns = {n: list(compress(values, own)) for n, values in columns.items()}
        if not columns["as_of"]:
            return _unknown(f"The history kept holds no account of the segment `{of.segment}`.")
    table = weekly(columns, account="account_id", time="as_of", value=metric.id)
    last = max(columns["as_of"])
    reading = door.computed().reading
    left = {a: found[-1].decided for a, found in exits(reading, last).items()}
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
