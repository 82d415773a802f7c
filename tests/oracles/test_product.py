"""Every usage, survey, advocacy and programme number of Tenure against the naive loops, on generated companies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache, partial

import pytest

from laws.worlds import Held, in_memory, workspace
from metrics.memory import InMemory
from oracles import programme, usage
from oracles.agreement_product import audit_disagreements, calibration_disagreements, disagreements
from oracles.calibration import AS_OF, leavers_and_stayers
from oracles.product import Rows, World, world
from oracles.product_questions import METRICS, questions, trends
from oracles.product_reading import Facts
from oracles.told import Told
from tenure import Workspace
from tenure.metrics.declaration import built_in

SEEDS = range(11)
FROM_A_LAKE = (0, 1, 2)
"""Loading a world costs more than asking it everything."""
NIGHT = range(11, 511)
UNDECLARED = "not declared yet"


def declared() -> set[str]:
    """Those of the metrics that the catalogue has."""
    return {metric for metric in METRICS if metric in built_in().metrics}


def check(seed: int, held: Held = workspace) -> None:
    """Hold a world once, ask everything, and tell every difference at once."""
    known = declared()
    if not known:
        pytest.skip(UNDECLARED)
    found = []
    this = world(seed)
    with held(this.rows, time_zone=this.zone) as ws:
        asked = list(questions(this, seed, known))
        asked += [trends(seed)] if "trend_label" in known else []
        for question in asked:
            answer = ws.metric(question.metric, **question.asked)
            found += [
                f"{question.metric} {_spoken(question.asked)}: {one}"
                for one in disagreements(answer, question.told)
            ]
        found += audits(ws, this) if "metric_audit" in known else []
    lacks = sorted({"usage_daily", "product_users", "tickets"} - this.rows.keys())
    told = [f"seed {seed}, {this.zone}, around {this.today}, without {lacks}", *found]
    assert not found, "\n".join(dict.fromkeys(told))


def _spoken(asked: dict[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in asked.items())


def audits(ws: Workspace | InMemory, this: World) -> list[str]:
    answer = ws.metric("metric_audit", as_of=this.today)
    return audit_disagreements(answer, Facts(this.rows, this.zone), this.today, built_in().metrics)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_number_around_the_product_agrees_with_the_naive_loops(seed: int):
    check(seed, in_memory)


@pytest.mark.parametrize(
    "seed", [s if s in FROM_A_LAKE else pytest.param(s, marks=pytest.mark.night) for s in SEEDS]
)
def test_every_number_around_the_product_agrees_when_it_is_read_from_a_lake(seed: int):
    check(seed)


@pytest.mark.night
@pytest.mark.timeout(5400)
@pytest.mark.parametrize("seed", NIGHT)
def test_every_number_around_the_product_agrees_through_the_night(seed: int):
    check(seed)


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_of_these_sections_is_compared(metric: str):
    if metric not in built_in().metrics:
        pytest.skip(UNDECLARED)
    assert built_in().metrics[metric].id == metric


def check_calibration(rows: Rows, metric: str, oracle: Callable[..., Told]) -> None:
    """All three views of `threshold_calibration` of one metric, better when it goes up."""
    if not {"threshold_calibration", metric} <= built_in().metrics.keys():
        pytest.skip(UNDECLARED)
    facts = Facts(rows)

    @cache
    def read(day: date) -> dict[str, object]:
        by_account: dict[str, object] = oracle(facts, day).components["by_account"]
        return by_account

    outcomes = programme.outcomes(facts, AS_OF, read)
    with workspace(rows) as ws:
        found = calibration_disagreements(
            partial(ws.metric, "threshold_calibration", metric=metric, as_of=AS_OF),
            outcomes,
            "below",
        )
    assert not found, "\n".join(found)


def test_threshold_calibration_agrees_on_leavers_and_stayers():
    check_calibration(leavers_and_stayers(seed=1), "active_user_pct", usage.active_user_pct)


@pytest.mark.night
@pytest.mark.parametrize("seed", range(2, 6))
def test_threshold_calibration_agrees_on_other_metrics_through_the_night(seed: int):
    rows = leavers_and_stayers(seed, leavers=20, months=(2, 5, 8))
    check_calibration(rows, "usage_trend", usage.usage_trend)
    check_calibration(rows, "power_user_pct", usage.power_user_pct)


def test_a_company_with_few_churns_has_too_little_history_to_calibrate():
    if "threshold_calibration" not in built_in().metrics:
        pytest.skip(UNDECLARED)
    rows = leavers_and_stayers(seed=1, leavers=9)
    with workspace(rows) as ws:
        answer = ws.metric("threshold_calibration", metric="active_user_pct", as_of=AS_OF)
    assert answer.components["proposed_threshold"] is None
    assert answer.reasons["proposed_threshold"] == "too_little_history"
    assert answer.components["youden_j"] is None
