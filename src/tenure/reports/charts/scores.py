"""Charts of a score's record and of what is to come: contenders side by side, and the coming quarters' renewals."""

from __future__ import annotations

from typing import Any

from tenure.kernel.unknown import Unknown
from tenure.reports.charts.frame import LIGHT, Spec, Theme, Words, source_of
from tenure.reports.charts.ranges import dots_on_ranges
from tenure.signals.backtesting.door import Backtest
from tenure.signals.forecasting.door import Forecast
from tenure.signals.forecasting.quarters import RenewalForecast

COIN = 0.5
"""The AUC of a contender that cannot tell accounts apart."""


def contenders(found: Backtest, theme: Theme = LIGHT) -> Spec | Unknown:
    """The AUC of the learned score and of every simpler way over all origins, each with its 95 % interval."""
    lines = [line for line in found.lines if line.when == "all"]
    rows = [
        {"row": line.contender, "mid": line.auc.estimate, "low": line.auc.low, "high": line.auc.high,
         "says": f"{line.auc.estimate:.2f} ({line.auc.low:.2f} to {line.auc.high:.2f})"}
        for line in lines
        if line.auc.estimate == line.auc.estimate
    ]  # fmt: skip
    if not rows:
        return Unknown("too_little_history", found.verdict.says)
    many = len(found.origins)
    words = Words(
        found.verdict.says,
        f"AUC: how often an account that had the event was told a higher chance than one that had not, with 95 % "
        f"intervals. {lines[0].n:,} rows of {many} past day{'s' if many > 1 else ''}, {lines[0].events:,} events. "
        "Dashed: a coin.",
        source_of(found.evidence),
        "; ".join(f"{r['row']} {r['says']}" for r in rows) + ".",
    )
    return dots_on_ranges(rows, "AUC", words, theme, at=COIN)


def quarters(found: RenewalForecast, theme: Theme = LIGHT) -> Spec | Unknown:
    """Gross and, where known, net retention of each coming quarter: the middle on its 80 % range, the target as a line.

    Quarters that are not told are named in words. Unknown where none is.
    """
    told = [(one, one.forecast) for one in found.quarters if isinstance(one.forecast, Forecast)]
    if not told:
        lacking = [q.forecast.says for q in found.quarters if isinstance(q.forecast, Unknown)]
        return Unknown("no_data", lacking[0] if lacking else "No renewal is to come.")
    rows: list[dict[str, Any]] = []
    for one, range_of in told:
        named = [("gross", range_of.grr)]
        if not isinstance(range_of.nrr, Unknown):
            named.append(("net", range_of.nrr))
        rows += [
            {"row": f"{one.period}, {word}", "mid": 100 * r.p50, "low": 100 * r.p10, "high": 100 * r.p90,
             "says": f"{r.p50:.1%} ({r.p10:.1%} to {r.p90:.1%})"}
            for word, r in named
        ]  # fmt: skip
    first = told[0][1]
    target = "" if first.target is None else f" The line is the target, {first.target:.1%}."
    left = [f"{q.period} is not told: {q.forecast.says}" for q in found.quarters if isinstance(q.forecast, Unknown)]  # fmt: skip
    counted = ", ".join(f"{one.renewals:,} renewals in {one.period}" for one, _ in told)
    words = Words(
        f"{told[0][0].period}: {first.says}",
        f"Retention of what renews: middle and 80 % range of the draws; {first.record.says}. {counted}.{target}"
        + "".join(f" {says}" for says in left),
        source_of(first.evidence),
        "; ".join(f"{r['row']} {r['says']}" for r in rows) + ".",
    )
    at = None if first.target is None else 100 * first.target
    return dots_on_ranges(rows, "% of the ARR that renews", words, theme, at=at)
