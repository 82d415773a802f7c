"""The oracle's answer to one question, by metric id, in the shape of the answer contract (metrics 8.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from oracles import coverage, engagement, handoff, health, onboarding, portfolio
from oracles.reading import NO_DATA, Missing
from oracles.standing import Life, Rows

MONEY = ("contract_lines or contracts",)


@dataclass(frozen=True)
class Asking:
    """How a metric is answered: by which loop, from which tables, over a period or on a day.

    `needs` are tables without which nothing is known (`a or b` is met by either).
    """

    answer: Callable[..., dict[str, Any]]
    needs: tuple[str, ...]
    period: bool = False


ASKING = {
    "cadence_attainment": Asking(
        coverage.cadence_attainment, ("cadence_plans", "activities"), True
    ),
    "days_since_last_touch": Asking(coverage.days_since_last_touch, ("activities",)),
    "days_past_cadence": Asking(coverage.days_past_cadence, ("cadence_plans", "activities")),
    "qbr_held": Asking(coverage.qbr_held, ("cadence_plans", "activities"), True),
    "exec_sponsor_reached": Asking(
        engagement.exec_sponsor_reached, ("contacts", "activities", "activity_contacts"), True
    ),
    "exec_sponsor_unresponsive_days": Asking(
        engagement.exec_sponsor_unresponsive_days, ("contacts", "activities", "activity_contacts")
    ),
    "missed_operational_reviews": Asking(
        coverage.missed_operational_reviews, ("cadence_plans", "activities")
    ),
    "strategic_alignment": Asking(
        engagement.strategic_alignment, ("activities", "activity_contacts")
    ),
    "engagement_activity": Asking(engagement.engagement_activity, ("activities",), True),
    "multi_threading": Asking(
        engagement.multi_threading, ("contacts", "activities", "activity_contacts")
    ),
    "onboarding_milestone_completion": Asking(
        engagement.onboarding_milestone_completion, ("onboarding_milestones",)
    ),
    "coverage_renewal_delta": Asking(
        coverage.coverage_renewal_delta, ("cadence_plans", "activities", *MONEY), True
    ),
    "health_score": Asking(health.health_score, ("health_scores",)),
    "health_score_delta_90d": Asking(health.health_score_delta_90d, ("health_scores",)),
    "health_score_slope_90d": Asking(health.health_score_slope_90d, ("health_scores",)),
    "falling_before_renewal": Asking(health.falling_before_renewal, ("health_scores", *MONEY)),
    "sentiment": Asking(health.sentiment, ("activities or tickets or feedback",)),
    "strategic_account_health": Asking(health.strategic_account_health, ("health_scores", *MONEY)),
    "caseload_status": Asking(portfolio.caseload_status, ()),
    "time_allocation_shares": Asking(portfolio.time_allocation_shares, ("time_totals",), True),
    "customer_facing_share_qoq": Asking(
        portfolio.customer_facing_share_qoq, ("time_totals",), True
    ),
    "portfolio_attention_gap": Asking(
        portfolio.portfolio_attention_gap, ("time_totals", *MONEY), True
    ),
    "handoff_failures": Asking(
        handoff.handoff_failures, ("opportunities", "activities", "use_cases")
    ),
    "sold_not_enabled": Asking(handoff.sold_not_enabled, ("use_cases",)),
    "onboarding_rating": Asking(onboarding.onboarding_rating, ("survey_responses",), True),
    "avg_time_to_first_value": Asking(
        onboarding.avg_time_to_first_value, ("onboarding_milestones",), True
    ),
    "avg_time_to_first_value_trend": Asking(
        onboarding.avg_time_to_first_value_trend, ("onboarding_milestones",), True
    ),
    "time_to_value": Asking(onboarding.time_to_value, ("contracts", "onboarding_milestones"), True),
    "time_to_activation": Asking(onboarding.time_to_activation, ("product_users", "usage_daily")),
    "deployment_completeness": Asking(onboarding.deployment_completeness, ("deployments",)),
}


def answer(
    metric: str,
    rows: Rows,
    as_of: date,
    period: tuple[date, date] | None = None,
    *,
    grace: int = 30,
    zone: str = "UTC",
    where: Mapping[str, Sequence[str]] | None = None,
    **parameters: Any,
) -> dict[str, Any]:
    """Every component of a metric and its headline `value`, with `Missing(reason)` for what is Unknown.

    `rows` holds the delivered tables only: a table that is absent was never delivered. `period` is half-open.
    """
    life = Life(rows, as_of, grace=grace, zone=zone, where=where)
    return ask(metric, life, period, **parameters)


def ask(
    metric: str, life: Life, period: tuple[date, date] | None = None, **parameters: Any
) -> dict[str, Any]:
    """The same from a life already read."""
    asking = ASKING[metric]
    days = period if asking.period and period else ()
    found = asking.answer(life, *days, **parameters)
    if all(any(life.has(name) for name in need.split(" or ")) for need in asking.needs):
        return found
    return {"value": NO_DATA, **dict.fromkeys(found, NO_DATA)}


def told(found: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The same as the envelope says it: None for what is Unknown, and its reason under its path."""
    reasons: dict[str, str] = {}

    def plain(path: str, thing: Any) -> Any:
        if isinstance(thing, Missing):
            reasons[path] = thing.reason
            return None
        if isinstance(thing, dict):
            return {key: plain(f"{path}.{key}", one) for key, one in thing.items()}
        return thing

    return {name: plain(name, one) for name, one in found.items()}, reasons
