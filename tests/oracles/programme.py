"""Does a line still predict, did plays work, which metrics are of use, what happened (metrics 3.7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from oracles.days import ONE_DAY
from oracles.product_reading import Facts, Row
from oracles.renewals import all_due
from oracles.told import ANYTHING, Told, missing, share

Reading = Callable[
    [date], dict[str, Any]
]  # a day -> the metric by account then, None where Unknown
KINDS = {"win": "win", "escalation": "escalation"} | dict.fromkeys(
    ("shift", "strategic_shift"), "strategic_shift"
)
LEAST_CHURNS = 10


@dataclass
class Outcomes:
    """Per account, the mean of a metric before it left or before it renewed; None where never known."""

    churned: dict[str, Any]
    retained: dict[str, Any]


def churn_days(facts: Facts, as_of: date, grace: int = 30) -> dict[str, date]:
    """Accounts that have left by as_of, with the last such day; coming back does not undo it."""
    view = facts.view(as_of, grace)
    found = {}
    for account in facts.accounts(as_of):
        days = [move.day for move in view.movements(account, as_of) if move.kind == "churn"]
        if days:
            found[account] = max(days)
    return found


def renewal_days(facts: Facts, as_of: date, grace: int = 30) -> dict[str, date]:
    """Active accounts that never left, with the latest contract end behind them."""
    found: dict[str, date] = {}
    stayed = set(facts.active(as_of, grace)) - churn_days(facts, as_of, grace).keys()
    for due in all_due(facts.view(as_of, grace)):
        account = due.contract.account
        if due.day <= as_of and account in stayed and sum(due.renewable.values()) > 0:
            found[account] = max(due.day, found.get(account, due.day))
    return found


def outcomes(facts: Facts, as_of: date, read: Reading, lookback_days: int = 90) -> Outcomes:
    """The metric before each outcome, one value a week, each as it stood on its own day."""

    def before(account: str, day: date) -> Any:
        weeks = range(1, lookback_days // 7 + 1)
        seen = [read(day - timedelta(weeks=back)).get(account) for back in weeks]
        known = [value for value in seen if value is not None]
        return sum(known) / len(known) if known else None

    return Outcomes(
        {account: before(account, day) for account, day in churn_days(facts, as_of).items()},
        {account: before(account, day) for account, day in renewal_days(facts, as_of).items()},
    )


def at_threshold(found: Outcomes, threshold: Any, at_risk_when: str) -> dict[str, Any]:
    """How a line would have sorted them; on the line itself nobody is flagged."""

    def flagged(values: dict[str, Any]) -> int:
        if at_risk_when == "below":
            return sum(1 for value in values.values() if value is not None and value < threshold)
        return sum(1 for value in values.values() if value is not None and value > threshold)

    churned = sum(1 for value in found.churned.values() if value is not None)
    retained = sum(1 for value in found.retained.values() if value is not None)
    hit, alarm = flagged(found.churned), flagged(found.retained)
    missed, right = churned - hit, retained - alarm
    recall, false_rate = share(hit, churned), share(alarm, retained)
    known = recall is not None and false_rate is not None
    return {
        "flagged": hit + alarm,
        "true_positive": hit,
        "false_positive": alarm,
        "false_negative": missed,
        "true_negative": right,
        "precision": share(hit, hit + alarm),
        "recall": recall,
        "churn_rate_flagged": share(hit, hit + alarm),
        "churn_rate_unflagged": share(missed, missed + right),
        "youden_j": recall - false_rate if known else None,
    }


def threshold_calibration(
    facts: Facts,
    as_of: date,
    read: Reading,
    *,
    lookback_days: int = 90,
    view: str | None = None,
    threshold: Any = None,
    at_risk_when: str = "below",
) -> Told:
    """How well a metric's line told who would leave; see the contract for the three views."""
    found = outcomes(facts, as_of, read, lookback_days)
    known = [value for value in found.churned.values() if value is not None]
    if view == "lookback":
        return _lookback(found, known)
    if view == "at_threshold":
        told = Told(at_threshold(found, threshold, at_risk_when), value=ANYTHING)
        for name, value in told.components.items():
            if value is None:
                told.lack(name, "undefined")
        return told
    kept = [value for value in found.retained.values() if value is not None]
    told = Told({"n_churned": len(known), "n_retained": len(kept)}, value=ANYTHING)
    if len(known) < LEAST_CHURNS:
        for name in ("proposed_threshold", "youden_j"):
            told.components[name] = None
            told.lack(name, "too_little_history")
        return told
    judged = [at_threshold(found, line, at_risk_when) for line in lines(known + kept)]
    told.components["youden_j"] = max(row["youden_j"] for row in judged)
    return told


def lines(values: list[Any]) -> list[Any]:
    """Every place where a line sorts the values differently: between neighbours, and beyond both ends."""
    distinct = sorted(set(values))
    between = [(low + high) / 2 for low, high in zip(distinct, distinct[1:], strict=False)]
    return [distinct[0] - 1, *between, distinct[-1] + 1] if distinct else []


def _lookback(found: Outcomes, known: list[Any]) -> Told:
    value = sum(known) / len(known) if known else None
    told = Told(
        {"n_accounts": len(known), "by_account": dict(found.churned)},
        value=value,
        unknown=None if known else ("undefined", "no_data", "too_little_history"),
    )
    for account, mean in found.churned.items():
        if mean is None:
            told.lack(f"by_account.{account}", ("no_data", "undefined", "too_little_history"))
    return told


def playbook_outcomes(
    facts: Facts,
    as_of: date,
    *,
    escalate_days: tuple[int, ...] = (7, 14),
    success_days: int = 30,
) -> Told:
    """Where each run stands, and how many of the ended ones succeeded."""
    if not facts.has("playbook_runs"):
        return missing("stage", "success_rate_resolved")
    stage = {
        row["run_id"]: stage_of(row, as_of, escalate_days, success_days)
        for row in runs(facts.of("playbook_runs"), success_days)
        if row["triggered_date"] <= as_of
    }
    won = sum(1 for word in stage.values() if word == "succeeded")
    lost = sum(1 for word in stage.values() if word == "failed")
    rate = share(won, won + lost)
    told = Told({"stage": stage, "success_rate_resolved": rate}, value=ANYTHING)
    if rate is None:
        told.lack("success_rate_resolved", "undefined")
    return told


def runs(rows: list[Row], success_days: int) -> list[Row]:
    """Without those started while a run of the same play for the same account was open.

    On the day it succeeds a run is still open: which came first that day is not known.
    """
    kept: list[Row] = []
    for row in sorted(rows, key=lambda row: (row["triggered_date"], row["run_id"])):
        day = row["triggered_date"]
        same = [
            run
            for run in kept
            if (run["account_id"], run["playbook_id"]) == (row["account_id"], row["playbook_id"])
        ]
        if all(_is_over(run, day, success_days) for run in same):
            kept.append(row)
    return kept


def _is_over(run: Row, day: date, success_days: int) -> bool:
    the_day_before = stage_of(run, day - ONE_DAY, (), success_days)
    return the_day_before == "succeeded" or stage_of(run, day, (), success_days) == "failed"


def stage_of(run: Row, as_of: date, escalate_days: tuple[int, ...], success_days: int) -> str:
    """One run as it stood at the end of a day; what came later is not known yet."""
    since = (as_of - run["triggered_date"]).days
    success, answer = run["success_date"], run["responded_date"]
    met = success is not None and success <= as_of
    if met and (success - run["triggered_date"]).days <= success_days:
        return "succeeded"
    if since > success_days:
        return "failed"
    if answer is not None and answer <= as_of:
        return "responded"
    reached = sum(1 for days in escalate_days if since >= days)
    return f"escalation_{reached}" if reached else "open"


@dataclass(frozen=True)
class Registered:
    """What the catalogue says of a metric, and whether a play belongs to it."""

    question: str
    has_threshold: bool
    has_playbook: bool


def last_acted(facts: Facts, metric: str, as_of: date) -> date | None:
    """The last day by as_of on which a play was started because of the metric."""
    days = [
        row["triggered_date"]
        for row in facts.of("playbook_runs")
        if row["metric_id"] == metric and row["triggered_date"] <= as_of
    ]
    return max(days, default=None)


def audit(
    said: Registered, acted: date | None, as_of: date, *, acted_days: int = 30, idle_days: int = 90
) -> str:
    """Keep, refine or eliminate one metric."""
    idle = None if acted is None else (as_of - acted).days
    if said.question == "none":
        return "eliminate"
    if not said.has_threshold or not said.has_playbook:
        return "refine"
    if idle is not None and idle > idle_days:
        return "eliminate"
    asks = said.question in ("renew", "grow", "advocate")
    return "keep" if asks and idle is not None and idle <= acted_days else "refine"


def metric_audit(
    facts: Facts,
    as_of: date,
    registry: dict[str, Registered],
    *,
    acted_days: int = 30,
    idle_days: int = 90,
) -> Told:
    """The worksheet: one row per metric."""
    by_metric = {}
    told = Told({"by_metric": by_metric}, value=ANYTHING)
    for metric, said in registry.items():
        acted = last_acted(facts, metric, as_of)
        by_metric[metric] = {
            "decision": audit(said, acted, as_of, acted_days=acted_days, idle_days=idle_days),
            "question": said.question,
            "has_threshold": said.has_threshold,
            "has_playbook": said.has_playbook,
            "last_acted": acted,
        }
        if acted is None:
            told.lack(f"by_metric.{metric}.last_acted", "no_data")
    return told


def trend_label(
    rows: dict[str, tuple[Any, Any, str]], *, dead_band: Fraction = Fraction(2, 100)
) -> Told:
    """Improving, stable or declining, per row of (before, now, the metric's better direction)."""
    told = Told({"trend": {}})
    for name, (before, now, better) in rows.items():
        word = None
        if now is None or before is None:
            told.lack(f"trend.{name}", "no_data")
        elif better == "none":
            told.lack(f"trend.{name}", "undefined")
        else:
            if better == "zero":
                before, now = -abs(before), -abs(now)
            change = Fraction(now - before) / abs(before) if before else now - before
            word = "stable"
            if abs(change) > dead_band:
                word = "declining" if (change > 0) == (better == "down") else "improving"
        told.components["trend"][name] = word
    return told


def key_account_updates(facts: Facts, as_of: date, start: date, end: date) -> Told:
    """Wins, escalations and strategic shifts logged in the period."""
    if not facts.has("activities") and not facts.has("feedback"):
        return missing("count", "updates")
    updates = []
    logged = [(row, row["occurred_at"], row["tags"]) for row in facts.of("activities")]
    logged += [(row, row["submitted_at"], row["tags"]) for row in facts.of("feedback")]
    for row, instant, words in logged:
        day = facts.day(instant)
        if row["account_id"] is None or not (start <= day < end and day <= as_of):
            continue
        spoken = {word.strip().lower() for word in (words or "").split(",")}
        for kind in sorted({KINDS[word] for word in spoken if word in KINDS}):
            updates.append(
                {
                    "account_id": row["account_id"],
                    "date": day,
                    "kind": kind,
                    "text": row["summary"] or "",
                }
            )
    told = Told({"count": len(updates), "updates": updates}, value=len(updates))
    told.unordered = frozenset({"updates"})
    return told
