"""Questions about a generated life, with the answer of the naive loops beside each."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from oracles import portfolio
from oracles.company import FIRST_DAY
from oracles.days import ONE_DAY, add_months
from oracles.life import Scene, is_settled, scene
from oracles.life_answers import ASKING, ask
from oracles.questions import Question
from oracles.standing import Life

Choices = dict[str, list[Any]]

SMALL_BOOKS = {"enterprise": [1, 1], "mid_market": [1, 2], "smb": [2, 3]}
PARAMETERS: dict[str, Choices] = {
    "cadence_attainment": {"detail": ["full", "value"]},
    "days_since_last_touch": {"threshold_days": [60, 14, 61]},
    "days_past_cadence": {"threshold_days": [30, 1, 16]},
    "exec_sponsor_unresponsive_days": {"threshold_days": [30, 14]},
    "missed_operational_reviews": {"threshold": [2, 1]},
    "strategic_alignment": {"window_days": [90, 30, 61]},
    "multi_threading": {"window_days": [90, 30]},
    "coverage_renewal_delta": {"basis": ["logo", "arr"], "renewal_grace_days": [30, 0]},
    "health_score": {"stale_days": [30, 29, 60]},
    "health_score_slope_90d": {
        "flat_band_points": [5, 0, 10],
        "min_observations": [2, 3],
        "min_span_days": [30, 60],
    },
    "falling_before_renewal": {
        "flat_band_points": [5, 0],
        "renewal_window_days": [90, 180, 365],
        "renewal_grace_days": [30, 0, 7],
    },
    "sentiment": {"window_days": [90, 30]},
    "strategic_account_health": {"renewal_grace_days": [30, 0, 7]},
    "caseload_status": {"benchmarks": [None, SMALL_BOOKS, {"smb": [1, 2]}]},
    "time_allocation_shares": {"min_hours": [0, 5]},
    "portfolio_attention_gap": {"renewal_grace_days": [30, 0]},
    "handoff_failures": {
        "late_days": [14, 1, 15],
        "enablement_sla_days": [90, 0],
        "kickoff_sla_days": [14, 0, 30],
    },
    "sold_not_enabled": {"enablement_sla_days": [90, 89, 91]},
    "onboarding_rating": {"min_n": [5, 1]},
    "time_to_activation": {
        "activation_feature": ["F1", "F1,F2", None],
        "min_events": [1, 3],
    },
}
CORE = ("accounts", "contracts", "contract_lines", "fx_rates")
TOUCHES = ("account_assignments", "activities", "activity_contacts")
CHAPTERS: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
    (
        tuple(ASKING)[:12],
        (*CORE, *TOUCHES, "contacts", "cadence_plans", "onboarding_milestones"),
    ),
    (
        (*tuple(ASKING)[12:18], *tuple(ASKING)[24:]),
        (
            *CORE,
            *("activities", "tickets", "feedback", "health_scores", "onboarding_milestones"),
            *("survey_responses", "product_users", "usage_daily", "deployments"),
        ),
    ),
    (
        tuple(ASKING)[18:24],
        (
            *(*CORE, *TOUCHES, "team_members", "time_totals", "risk_flags"),
            *("opportunities", "use_cases"),
        ),
    ),
]
"""Metrics and the tables they read: importing a table takes a tenth of a second, so a quick run imports a chapter."""
FILTERED = (
    "cadence_attainment",
    "days_since_last_touch",
    "multi_threading",
    "health_score",
    "deployment_completeness",
)


@dataclass(frozen=True)
class Time:
    """The day a question is asked on, and its period."""

    as_of: date
    start: date
    end: date


def times(pivot: date) -> list[Time]:
    """Days and periods around the pivot: ended, running, ending that very day."""
    quarter = date(pivot.year, 3 * ((pivot.month - 1) // 3) + 1, 1)
    month = pivot.replace(day=1)
    last, after = add_months(quarter, -3), add_months(quarter, 3)
    return [
        Time(pivot, quarter, after),
        Time(pivot, last, quarter),
        Time(after - ONE_DAY, quarter, after),
        Time(after + timedelta(days=20), quarter, after),
        Time(pivot, month, add_months(month, 1)),
        Time(pivot - timedelta(days=1), last, quarter),
        Time(pivot + timedelta(days=30), add_months(quarter, -9), after),
        Time(pivot, pivot - timedelta(days=89), pivot + ONE_DAY),
        Time(quarter - timedelta(days=16), last, quarter),
    ]


def renewal_times(pivot: date) -> list[Time]:
    """Long periods, so that some renewals are in them; the last is a plain quarter."""
    usual = times(pivot)
    after = usual[0].end
    ended = after + timedelta(days=20)
    return [
        Time(ended, add_months(after, -12), after),
        Time(pivot, add_months(after, -12), after),
        Time(ended, max(add_months(after, -18), FIRST_DAY), after),
        usual[3],
    ]


def coverage_periods(time: Time) -> list[tuple[date, date] | None]:
    """The default where there is one for sure, and calendar quarters: before the period and late in it."""
    quarter = add_months(time.start.replace(day=1), -((time.start.month - 1) % 3))
    told: list[tuple[date, date] | None] = [
        (add_months(quarter, 3 * n), add_months(quarter, 3 * n + 3)) for n in (-1, 2, 3)
    ]
    return told + ([None] if add_months(time.start, 3) == time.end else [])


def chapter_of(seed: int) -> tuple[Scene, tuple[str, ...]]:
    """A third of a scene, and the metrics it is enough for."""
    told = scene(seed)
    metrics, tables = CHAPTERS[seed % len(CHAPTERS)]
    return replace(
        told, rows={name: told.rows[name] for name in tables if name in told.rows}
    ), metrics


def questions(
    told: Scene, seed: int, each: int, metrics: Iterable[str] = tuple(ASKING)
) -> Iterator[Question]:
    """`each` questions per metric, at times and with parameters drawn by the seed."""
    draw = random.Random(f"questions {seed}")
    lives: dict[Any, Life | None] = {}
    for metric in metrics:
        delta = metric == "coverage_renewal_delta"
        possible = (renewal_times if delta else times)(told.pivot)
        today = draw.choice([one for one in possible if one.as_of == told.pivot])
        others = [one for one in possible if one != today]
        for time in [today, *draw.sample(others, each - 1)]:
            chosen = {name: draw.choice(some) for name, some in PARAMETERS.get(metric, {}).items()}
            given = {name: one for name, one in chosen.items() if one is not None}
            where = draw.choice([None, None, {"segment": ["smb"]}]) if metric in FILTERED else None
            if delta:
                before = draw.choice(coverage_periods(time))
                given |= {"coverage_period": before} if before else {}
            grace = given.get("renewal_grace_days", 30)
            if beside(metric, time, told):
                continue
            key = (time.as_of, grace, str(where))
            if key not in lives:
                settled = is_settled(told.rows, time.as_of, grace)
                life = Life(told.rows, time.as_of, grace=grace, zone=told.zone, where=where)
                lives[key] = life if settled else None
            if (known := lives[key]) is not None:
                yield from _asked(metric, known, time, given, where)


def beside(metric: str, time: Time, told: Scene) -> bool:
    """Questions the pages leave open: which day weighs ARR after a period, and deals without use cases."""
    if metric == "portfolio_attention_gap":
        return time.as_of >= time.end
    return metric == "handoff_failures" and "use_cases" not in told.rows


def _asked(
    metric: str, life: Life, time: Time, given: dict[str, Any], where: Any
) -> Iterator[Question]:
    own = {name: one for name, one in given.items() if name != "renewal_grace_days"}
    period = (time.start, time.end) if ASKING[metric].period else None
    asked: dict[str, Any] = {"as_of": life.as_of} | given
    if where:
        asked["where"] = where
    if period:
        asked |= {"start": time.start, "end": time.end}
    if metric == "avg_time_to_first_value_trend":
        asked["view"] = "trend"
        yield Question("avg_time_to_first_value", ask(metric, life, period), asked)
        return
    yield Question(metric, ask(metric, life, period, **own), asked)
    if metric == "time_allocation_shares" and life.has("time_totals"):
        cuts = portfolio.time_by_csm(life, time.start, time.end, **own)
        yield Question(metric, {"cuts": cuts}, asked | {"by": "csm"})
