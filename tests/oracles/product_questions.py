"""What to ask about a generated company around its product, with what the oracles tell beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from oracles import advocacy, growth_signals, programme, surveys, usage
from oracles.company import Choose, seeded
from oracles.days import ONE_DAY, add_months
from oracles.product import World
from oracles.product_reading import Facts
from oracles.told import Told

Asked = dict[str, Any]
SMB = {"where": {"segment": "smb"}}
GRACE = {"renewal_grace_days": 0}
WEEK = {"window_days": 7}

BY_DAY: dict[str, tuple[Callable[..., Told], list[Asked]]] = {
    "active_user_pct": (usage.active_user_pct, [WEEK, GRACE, SMB, {"window_days": 29}]),
    "power_user_pct": (usage.power_user_pct, [GRACE, SMB, {"min_active_days": 7}, WEEK]),
    "usage_consistency": (usage.usage_consistency, [{"weeks": 4}, {"weeks": 13}, SMB]),
    "usage_trend": (usage.usage_trend, [WEEK, {"window_days": 27}, SMB]),
    "feature_adoption_depth": (usage.feature_adoption_depth, [{"min_events": 1}, GRACE, WEEK]),
    "cross_functional_usage": (usage.cross_functional_usage, [WEEK, SMB]),
    "seat_utilization": (
        growth_signals.seat_utilization,
        [{"pql_threshold": 0.5}, {"pql_threshold": 1.0}, GRACE, SMB],
    ),
    "burn_rate_forecast": (
        growth_signals.burn_rate_forecast,
        [WEEK, {"over": 0.5, "under": 0.25}, GRACE, SMB],
    ),
    "support_ticket_trend": (growth_signals.support_ticket_trend, [WEEK, {"window_days": 31}, SMB]),
    "reference_willingness": (advocacy.reference_willingness, [{"validity_months": 3}, SMB]),
    "case_study_participation": (advocacy.case_study_participation, [SMB]),
    "cab_engagement": (advocacy.cab_engagement, [{"window_months": 3}, SMB]),
    "playbook_outcomes": (
        programme.playbook_outcomes,
        [{"escalate_days": [14]}, {"success_days": 14}],
    ),
}
BY_PERIOD: dict[str, tuple[Callable[..., Told], list[Asked]]] = {
    "pql": (
        growth_signals.pql,
        [{"pql_threshold": 0.5}, {"rearm_days": 30}, {"limit_threshold": 0.5, "rearm_days": 7}],
    ),
    "product_feedback": (growth_signals.product_feedback, []),
    "nps": (
        surveys.nps,
        [{"dedupe": "none"}, {"view": "margin_of_error"}, {"by": "csm"}]
        + [{"view": "margin_of_error", "z": 1.645}],
    ),
    "ces": (surveys.ces, [{"variant": "index"}]),
    "csat": (surveys.csat, []),
    "advocacy_activity": (advocacy.advocacy_activity, []),
    "review_submission": (advocacy.review_submission, []),
    "referral_behavior": (advocacy.referral_behavior, [SMB]),
    "key_account_updates": (programme.key_account_updates, []),
}
ELSEWHERE = {"threshold_calibration", "metric_audit", "trend_label"}
METRICS = sorted(BY_DAY.keys() | BY_PERIOD.keys() | ELSEWHERE)


@dataclass(frozen=True)
class Question:
    """A call of `ws.metric(...)` and what it should say."""

    metric: str
    asked: Asked
    told: Told


def questions(world: World, seed: int, metrics: set[str]) -> Iterator[Question]:
    """Each of these metrics today, plainly and with one parameter changed, and on another day in one of the two ways."""
    choose = seeded(seed)
    facts = Facts(world.rows, world.zone)
    for as_of in (world.today, choose(world.days[1:])):
        for metric, (ask, changes) in BY_DAY.items():
            if metric in metrics:
                for asked in _variations(choose, changes, both=as_of == world.today):
                    told = ask(facts, as_of, **exactly(asked))
                    yield Question(metric, {"as_of": as_of} | asked, told)
        for metric, (ask, changes) in BY_PERIOD.items():
            if metric not in metrics or (metric == "pql" and _is_half(facts)):
                continue
            for asked in _variations(choose, changes, both=as_of == world.today):
                start, end = choose(periods(as_of))
                told = ask(facts, as_of, start, end, **exactly(asked))
                span = {"as_of": as_of, "start": start, "end": end}
                yield Question(metric, span | asked, told)


def trends(seed: int) -> Question:
    """Rows of before, now and the better direction: on the band and beside it, from nothing, below zero, unknown."""
    choose = seeded(seed)
    numbers = [None, 0, 100, 102, 98, 97, 103, 50, -50, -51, 0.02, 0.03, 1000000, 3.3]
    ways = ["up", "down", "zero", "none"]
    rows = [(f"r{n}", choose(numbers), choose(numbers), choose(ways)) for n in range(12)]
    exact = {name: (_exact(before), _exact(now), better) for name, before, now, better in rows}
    return Question("trend_label", {"rows": json.dumps(rows)}, programme.trend_label(exact))


def _exact(number: float | None) -> Fraction | None:
    return None if number is None else Fraction(str(number))


def _variations(choose: Choose, changes: list[Asked], *, both: bool) -> list[Asked]:
    ways = [{}, choose(changes)] if changes else [{}]
    return ways if both else [choose(ways)]


def exactly(asked: Asked) -> Asked:
    """Parameters for the oracle: what is written 0.85 is 85 hundredths."""
    return {
        name: Fraction(str(value)) if isinstance(value, float) else value
        for name, value in asked.items()
    }


def periods(as_of: date) -> list[tuple[date, date]]:
    """The running quarter and the one before, a window that ends today, one that ended yesterday, a year."""
    quarter = date(as_of.year, 3 * ((as_of.month - 1) // 3) + 1, 1)
    return [
        (quarter, add_months(quarter, 3)),
        (add_months(quarter, -3), quarter),
        (as_of - timedelta(days=28), as_of + ONE_DAY),
        (as_of - timedelta(days=90), as_of),
        (date(as_of.year, 1, 1), date(as_of.year + 1, 1, 1)),
    ]


def _is_half(facts: Facts) -> bool:
    """Limits, but no seats to speak of: whether there are leads at all is left open."""
    seats = facts.has("product_users", "contract_lines")
    return facts.has("usage_limits") and not (seats and facts.has("usage_daily"))
