"""Does a line still tell who leaves? threshold_calibration, as the plain table of S2's framework."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from functools import partial
from typing import Any

from tenure.kernel.days import ONE_DAY, Period
from tenure.kernel.errors import UserError
from tenure.kernel.unknown import Reason
from tenure.metrics.asked import Asked, Note, Result
from tenure.metrics.declaration import Metric, built_in
from tenure.metrics.questions import Defaults, Span, ask
from tenure.metrics.reading import Reading

FEWEST_CHURNS = 10
WEEK = 7
Values = Mapping[str, Fraction | None]


def threshold_calibration(reading: Reading, asked: Asked) -> Result:
    """The metric before churn and before renewal, and how a line on it tells the two apart."""
    name = asked.parameters["metric"]
    if not name:
        return _unnamed()
    metric, _ = (reading.catalogue or built_in()).find(str(name))
    if metric.period != "none" or "by_account" not in metric.components:
        raise UserError(
            f"`{metric.id}` has no number per account on a day, so no line on it can be tested.",
            remedy="Use a metric with `by_account` that is read on one day, such as days_since_last_touch.",
            code="calibration.metric",
        )
    churned = _churn_days(reading, asked)
    kept = {a: day for a, day in _renewal_days(reading, asked).items() if a not in churned}
    before_churn = _means(metric, reading, asked, churned)
    if asked.parameters["view"] == "lookback":
        return _lookback(before_churn)
    before_renewal = _means(metric, reading, asked, kept)
    left = [v for v in before_churn.values() if v is not None]
    stayed = [v for v in before_renewal.values() if v is not None]
    side = asked.parameters["at_risk_when"] or ("above" if metric.better == "down" else "below")
    if asked.parameters["view"] == "at_threshold":
        return _at_threshold(left, stayed, side, asked)
    return _proposal(left, stayed, side)


def _churn_days(reading: Reading, asked: Asked) -> dict[str, date]:
    """The last day each account churned by as_of; one that came back later did leave all the same."""
    times = reading.timeline(as_of=asked.as_of, grace_days=asked.grace_days)
    everything = Period(date(1900, 1, 1), asked.as_of + ONE_DAY)
    found = {}
    for account_id in reading.begun_accounts(asked):
        left = [move.day for move in times.moves(account_id, everything) if move.type == "churn"]
        if left:
            found[account_id] = left[-1]
    return found


def _renewal_days(reading: Reading, asked: Asked) -> dict[str, date]:
    """The last contract end by as_of that each account still active survived."""
    active = reading.active_accounts(asked)
    everything = Period(date(1900, 1, 1), asked.as_of + ONE_DAY)
    found: dict[str, date] = {}
    for due in reading.dues(as_of=asked.as_of, period=everything, grace_days=asked.grace_days):
        if due.account_id in active and due.ends <= asked.as_of:
            found[due.account_id] = max(due.ends, found.get(due.account_id, due.ends))
    return found


def _means(
    metric: Metric, reading: Reading, asked: Asked, ends: Mapping[str, date]
) -> dict[str, Fraction | None]:
    """Per account the mean of the metric on the days end - 7, end - 14, ... within the lookback.

    Each reading is as of its own day, so nothing that came later leaks in.
    """
    by_day: dict[date, list[str]] = defaultdict(list)
    for account_id, end in ends.items():
        for weeks in range(1, asked.parameters["lookback_days"] // WEEK + 1):
            by_day[end - timedelta(days=WEEK * weeks)].append(account_id)
    read: dict[str, list[Fraction]] = defaultdict(list)
    for day in sorted(by_day):
        key = ("by_account", metric.id, str(asked.where), day)
        values = reading.kept(key, partial(_by_account, metric, reading, asked, day))
        for account_id in by_day[day]:
            if values.get(account_id) is not None:
                read[account_id].append(Fraction(str(values[account_id])))
    return {a: sum(read[a], Fraction(0)) / len(read[a]) if read[a] else None for a in ends}


def _by_account(metric: Metric, reading: Reading, asked: Asked, day: date) -> Mapping[str, Any]:
    from tenure.metrics.compute import Computed, compute  # compute loads answers, not the reverse

    question = ask(
        metric,
        Span(as_of=day),
        by=None,
        where=asked.where,
        given={},
        defaults=Defaults(day, asked.reporting_currency, asked.gross_margin),
    )
    source: Any = reading.facts
    answer = compute(
        metric, replace(question, as_known_on=asked.as_known_on), Computed(source, reading)
    )
    found: Mapping[str, Any] = answer.components["by_account"] or {}
    return {a: v for a, v in found.items() if isinstance(v, int | float) or hasattr(v, "as_tuple")}


def _lookback(means: Values) -> Result:
    known = [value for value in means.values() if value is not None]
    value = float(sum(known) / len(known)) if known else None
    return Result(
        value=value,
        unknown=None if known else "too_little_history",
        components={
            "n_accounts": len(known),
            "by_account": {a: None if v is None else float(v) for a, v in sorted(means.items())},
        },
        reasons={f"by_account.{a}": "no_data" for a, v in means.items() if v is None},
        n=len(known),
    )


def _table(
    left: Iterable[Fraction], stayed: Iterable[Fraction], side: str, line: Fraction
) -> dict[str, Any]:
    """The confusion table at one line; an account on the risky side of it, and not on it, is flagged."""

    def is_flagged(value: Fraction) -> bool:
        return value < line if side == "below" else value > line

    gone, here = [is_flagged(v) for v in left], [is_flagged(v) for v in stayed]
    tp, fp = sum(gone), sum(here)
    fn, tn = len(gone) - tp, len(here) - fp
    recall, false_rate = _share(tp, tp + fn), _share(fp, fp + tn)
    return {
        "flagged": tp + fp,
        "true_positive": tp,
        "false_positive": fp,
        "false_negative": fn,
        "true_negative": tn,
        "precision": _share(tp, tp + fp),
        "recall": recall,
        "churn_rate_flagged": _share(tp, tp + fp),
        "churn_rate_unflagged": _share(fn, fn + tn),
        "youden_j": None if recall is None or false_rate is None else recall - false_rate,
    }


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def _shown(table: Mapping[str, Any]) -> dict[str, Any]:
    return {n: float(v) if isinstance(v, Fraction) else v for n, v in table.items()}


def _at_threshold(
    left: Sequence[Fraction], stayed: Sequence[Fraction], side: str, asked: Asked
) -> Result:
    line = asked.parameters["threshold"]
    if line is None:
        raise UserError(
            "No line was named.",
            remedy="Give `threshold`, for example 0.2.",
            code="calibration.line",
        )
    table = _shown(_table(left, stayed, side, Fraction(str(line))))
    return Result(
        value=table["youden_j"],
        unknown=None if table["youden_j"] is not None else "undefined",
        components=table,
        reasons={name: "undefined" for name, value in table.items() if value is None},
        n=len(left) + len(stayed),
    )


def _proposal(left: Sequence[Fraction], stayed: Sequence[Fraction], side: str) -> Result:
    """The line with the largest Youden J, between two values that occur; refused on fewer than 10 churns."""
    values = sorted({*left, *stayed})
    lines = [(one + other) / 2 for one, other in zip(values, values[1:], strict=False)]
    rows = [{"threshold": line, **_table(left, stayed, side, line)} for line in lines]
    parts: dict[str, Any] = {"n_churned": len(left), "n_retained": len(stayed)}
    if len(left) < FEWEST_CHURNS or not rows or not stayed:
        none = {"proposed_threshold": None, "youden_j": None}
        few: dict[str, Reason] = dict.fromkeys(none, "too_little_history")
        return Result(
            value=None,
            unknown="too_little_history",
            components={**parts, **none, "table": [_shown(row) for row in rows]},
            reasons=few,
            n=len(left) + len(stayed),
            notes=[
                Note(
                    "notice",
                    "calibration.too_few",
                    f"{len(left)} churned and {len(stayed)} retained accounts with the metric before; "
                    f"{FEWEST_CHURNS} churned ones are needed before a line is proposed.",
                )
            ],
        )
    best = max(rows, key=lambda row: (row["youden_j"], -row["threshold"]))
    return Result(
        value=float(best["threshold"]),
        components={
            **parts,
            "proposed_threshold": float(best["threshold"]),
            "youden_j": float(best["youden_j"]),
            "table": [_shown(row) for row in rows],
        },
        n=len(left) + len(stayed),
    )


def _unnamed() -> Result:
    names = ("n_churned", "n_retained", "proposed_threshold", "youden_j", "table")
    return Result(
        value=None,
        unknown="no_data",
        components=dict.fromkeys(names),
        reasons=dict.fromkeys(names, "no_data"),
        notes=[
            Note(
                "warning",
                "calibration.no_metric",
                "No metric was named.",
                "Give `metric`, for example days_since_last_touch.",
            )
        ],
    )
