"""The programme itself: playbook_outcomes, metric_audit, trend_label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from tenure.kernel.days import parse_day
from tenure.kernel.errors import UserError
from tenure.kernel.money import ratio
from tenure.kernel.unknown import Reason
from tenure.metrics.answers.trend import trend
from tenure.metrics.asked import Asked, Note, Result
from tenure.metrics.declaration import built_in
from tenure.metrics.derived.contract_facts import SourceRow
from tenure.metrics.reading import Reading, Row

ANSWERED = ("renew", "grow", "advocate")
BETTER = ("up", "down", "zero", "none")


def playbook_outcomes(reading: Reading, asked: Asked) -> Result:
    """Where each run stands on as_of, and the share that succeeded of those that ended."""
    meant = reading.population(asked.where, asked.as_of) if asked.where else None
    runs = [
        row
        for row in reading.rows("playbook_runs")
        if row["triggered_date"] <= asked.as_of and (meant is None or row["account_id"] in meant)
    ]
    runs = _own_runs(runs, asked)
    stage = {
        row["run_id"]: _stage(row, asked) for row in sorted(runs, key=lambda r: str(r["run_id"]))
    }
    won = sum(1 for word in stage.values() if word == "succeeded")
    lost = sum(1 for word in stage.values() if word == "failed")
    rate = ratio(won, won + lost)
    return Result(
        value=rate,
        unknown=None if rate is not None else "undefined",
        components={"stage": stage, "success_rate_resolved": rate},
        reasons={} if rate is not None else {"success_rate_resolved": "undefined"},
        n=won + lost,
        rows=[
            SourceRow("playbook_runs", row["run_id"], row["source_file"], row["source_line"])
            for row in runs
        ],
    )


def _own_runs(runs: Iterable[Row], asked: Asked) -> list[Row]:
    """The runs without those triggered while one of the same play and account was open: they are no runs."""
    open_until: dict[tuple[str, str], date] = {}
    limit = timedelta(days=asked.parameters["success_days"])
    own = []
    for run in sorted(runs, key=lambda r: (r["triggered_date"], str(r["run_id"]))):
        key, start = (run["account_id"], run["playbook_id"]), run["triggered_date"]
        if key in open_until and start <= open_until[key]:
            continue
        last = start + limit
        success = run["success_date"]
        # It is open until it succeeds, or until its days are over.
        open_until[key] = success if success is not None and success <= last else last
        own.append(run)
    return own


def _stage(run: Row, asked: Asked) -> str:
    as_of, limit = asked.as_of, timedelta(days=asked.parameters["success_days"])
    start = run["triggered_date"]
    success, answer = run["success_date"], run["responded_date"]
    if success is not None and success <= as_of and success - start <= limit:
        return "succeeded"
    if as_of - start > limit:
        return "failed"
    if answer is not None and answer <= as_of:
        return "responded"
    steps = sum((as_of - start).days >= days for days in asked.parameters["escalate_days"])
    return "open" if not steps else f"escalation_{min(steps, 2)}"


def metric_audit(reading: Reading, asked: Asked) -> Result:
    """S2's word on each metric: keep, refine or eliminate."""
    given = asked.parameters["registry"]
    rows = _registry(reading, asked.as_of) if given is None else [_checked(row) for row in given]
    started = None if given is not None else _first_run(reading)
    judged = {row["id"]: _judged(row, asked, started) for row in rows}
    reasons: dict[str, Reason] = {}
    for metric_id, own in judged.items():
        if own["last_acted"] is None:
            reasons[f"by_metric.{metric_id}.last_acted"] = "no_data"
        if own["question"] is None:
            reasons[f"by_metric.{metric_id}.question"] = "undefined"
    return Result(
        value=None,
        components={"by_metric": judged},
        reasons=reasons,
        n=len(judged),
    )


def _judged(row: Mapping[str, Any], asked: Asked, started: date | None) -> dict[str, Any]:
    """The decision with what it rests on; without 90 days of use nothing is called idle (rulings B20)."""
    question = None if row["question"] in (None, "", "none") else row["question"]
    acted, as_of = row["last_acted"], asked.as_of
    idle = asked.parameters["idle_days"]
    is_young = row.get("is_ours") and (started is None or (as_of - started).days <= idle)
    is_idle = acted is None or (as_of - acted).days > idle
    is_complete = row["has_threshold"] and row["has_playbook"] and question in ANSWERED
    is_fresh = acted is not None and (as_of - acted).days <= asked.parameters["acted_days"]
    if question is None or (is_idle and not is_young):
        decision = "eliminate"
    else:
        decision = "keep" if is_complete and is_fresh else "refine"
    return {
        "decision": decision,
        "question": question,
        "has_threshold": bool(row["has_threshold"]),
        "has_playbook": bool(row["has_playbook"]),
        "last_acted": acted,
    }


def _registry(reading: Reading, as_of: date) -> list[dict[str, Any]]:
    """The catalogue with what is known of its use: a play that ran for a metric is a play it has."""
    acted: dict[str, date] = {}
    for run in reading.rows("playbook_runs"):
        name, day = run["metric_id"], run["triggered_date"]
        if name is not None and day <= as_of:
            acted[name] = max(day, acted.get(name, day))
    catalogue = reading.catalogue or built_in()
    return [
        {
            "id": metric.id,
            "question": metric.question,
            "has_threshold": bool(metric.thresholds),
            "has_playbook": metric.id in acted,
            "last_acted": acted.get(metric.id),
            "is_ours": True,
        }
        for metric in catalogue
    ]


def _first_run(reading: Reading) -> date | None:
    return min((run["triggered_date"] for run in reading.rows("playbook_runs")), default=None)


def _checked(row: Any) -> dict[str, Any]:
    """A row of a registry that was given."""
    _require(
        row, ("id",), 'a metric such as {"id": "nrr", "question": "grow", "has_threshold": true}'
    )
    acted = row.get("last_acted")
    return {
        "id": str(row["id"]),
        "question": row.get("question"),
        "has_threshold": bool(row.get("has_threshold")),
        "has_playbook": bool(row.get("has_playbook")),
        "last_acted": parse_day(acted) if isinstance(acted, str) else acted,
    }


def trend_label(reading: Reading, asked: Asked) -> Result:  # noqa: ARG001 - every answer takes a reading
    """The word for each row: improving, stable or declining, by the way that is better for it."""
    words: dict[str, str | None] = {}
    reasons: dict[str, Reason] = {}
    for row in _rows_of(asked.parameters["rows"]):
        name, better = str(row["row_id"]), row.get("better", "up")
        band = asked.parameters["dead_band"]
        if better == "none":
            words[name] = None
        else:
            words[name] = trend(row.get("previous"), row.get("current"), better, band)
        if words[name] is None:
            is_known = row.get("previous") is not None and row.get("current") is not None
            reasons[f"trend.{name}"] = "undefined" if is_known else "no_data"
    return Result(
        value=None,
        unknown=None if words else "no_data",
        components={"trend": words},
        reasons=reasons,
        n=len(words),
        notes=[] if words else [_no_rows()],
    )


def _no_rows() -> Note:
    return Note(
        "warning",
        "trend.no_rows",
        "No row was given to judge.",
        'Give `rows`, for example [["nrr", 1.00, 1.04, "up"]]: a name, the value before, the value now, the better way.',
    )


def _rows_of(rows: Iterable[Any]) -> Sequence[Mapping[str, Any]]:
    names = ("row_id", "previous", "current", "better")
    found = [
        dict(zip(names, row, strict=False)) if isinstance(row, list | tuple) else row
        for row in rows or []
    ]
    for row in found:
        _require(
            row, ("row_id",), '{"row_id": "nrr", "previous": 1.0, "current": 1.1, "better": "up"}'
        )
        if row.get("better", "up") not in BETTER:
            raise UserError(
                f"`{row['better']}` is no better direction.",
                remedy="Use up, down, zero or none.",
                code="parameter.value",
            )
    return found


def _require(row: Any, names: Sequence[str], shape: str) -> None:
    if not isinstance(row, Mapping) or any(name not in row for name in names):
        raise UserError(
            f"`{row}` is not a row that can be judged.",
            remedy=f"Write {shape}.",
            code="parameter.value",
        )
