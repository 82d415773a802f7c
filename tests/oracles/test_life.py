"""Coverage, health, portfolio and onboarding of Tenure against the naive loops, on generated lives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from typing import Any

import pytest

from laws.worlds import Held, Rows, in_memory, workspace
from oracles.agreement_life import disagreements
from oracles.days import quarter_name
from oracles.life import Scene, scene
from oracles.life_answers import ASKING, answer
from oracles.life_questions import chapter_of, questions
from oracles.plain import account, contract
from oracles.plain_life import AS_OF, Q2, back, contact, life, met, plan, touch
from oracles.questions import Question
from oracles.reading import NO_DATA
from tenure import Workspace
from tenure.metrics.declaration import built_in

METRICS = [metric for metric in ASKING if metric != "avg_time_to_first_value_trend"]
QUICK = (7, 15, 17, 24, 37, 43, 45, 49, 50, 51, 53, 56, 70, 72, 77)
"""Chosen so that nearly every rule of the oracle, broken on its own, changes an answer of one of them."""
FROM_A_LAKE = (7, 15, 24)
DECLARED = [metric for metric in METRICS if metric in built_in().metrics]


@contextmanager
def loaded(rows: Rows, **settings: str) -> Iterator[Workspace]:
    """A workspace whose import refused nothing: the oracle would count such rows."""
    with workspace(rows, **settings) as ws:
        assert ws.imports()[0].counts.refused == 0
        yield ws


def check(told: Scene, asked: Iterable[Question], held: Held = loaded) -> None:
    """Hold a life once, ask everything that is declared, and tell every difference at once."""
    if not DECLARED:
        pytest.skip("not declared yet: none of these metrics is in the catalogue")
    found = []
    with held(told.rows, time_zone=told.zone) as ws:
        for question in asked:
            if question.metric in DECLARED:
                answer = ws.metric(question.metric, **as_declared(question))
                found += [
                    f"{question.metric} {question.asked}: {one}"
                    for one in disagreements(answer, question.expected)
                ]
    assert not found, "\n".join(dict.fromkeys(found))


def as_declared(question: Question) -> dict[str, Any]:
    """What is asked, with a quarter written the way the metric's declaration takes one."""
    declared = built_in().metrics[question.metric].parameters
    asked = dict(question.asked)
    if "coverage_period" in asked and declared["coverage_period"].type != "dates":
        start = asked["coverage_period"][0]
        asked["coverage_period"] = quarter_name(start)
    return asked


@pytest.mark.parametrize("seed", QUICK)
def test_every_metric_agrees_with_the_naive_loops(seed: int):
    told, metrics = chapter_of(seed)
    check(told, questions(told, seed, 3, metrics), in_memory)


@pytest.mark.parametrize(
    "seed", [s if s in FROM_A_LAKE else pytest.param(s, marks=pytest.mark.night) for s in QUICK]
)
def test_every_metric_agrees_when_it_is_read_from_a_lake(seed: int):
    told, metrics = chapter_of(seed)
    check(told, questions(told, seed, 3, metrics))


def test_edges_that_no_seed_meets_agree():
    told = Scene(edges(), AS_OF, "UTC")
    day = {"as_of": AS_OF}
    period = day | {"start": Q2[0], "end": Q2[1]}
    trend = answer("avg_time_to_first_value_trend", told.rows, AS_OF, Q2)
    asked = [
        Question("qbr_held", answer("qbr_held", told.rows, AS_OF, Q2), period),
        Question("falling_before_renewal", answer("falling_before_renewal", told.rows, AS_OF), day),
        Question("avg_time_to_first_value", trend, period | {"view": "trend"}),
    ]
    parts = [question.expected for question in asked]
    assert (parts[0]["by_account"], parts[1]["flagged"]) == ({"A": True, "B": NO_DATA}, ["A"])
    assert parts[2]["trend"] == "stable"
    check(told, asked)


def edges() -> dict[str, list[dict[str, Any]]]:
    """An EBR instead of a QBR, a renewal that is due that very day, a way to value just 2 % shorter."""
    step = {"account_id": "A", "planned_date": None, "user_id": None}
    clocks = {"A": (back(195), back(95)), "B": (back(99), back(1))}
    return life(
        contract("one", date(2024, 1, 1), AS_OF, 1000),
        accounts=[account("A"), account("B")],
        cadence_plans=[plan("qbr", 90, start=date(2025, 1, 1))],
        activities=[touch(back(9), "ebr")],
        contacts=[contact("c")],
        activity_contacts=[met("t1", "c")],
        health_scores=[
            {"account_id": "A", "score_date": back(60), "score": 80, "model_version": None},
            {"account_id": "A", "score_date": back(0), "score": 20, "model_version": None},
        ],
        onboarding_milestones=[
            step | {"account_id": name, "milestone": word, "completed_date": day}
            for name, pair in clocks.items()
            for word, day in zip(("onboarding_start", "first_value"), pair, strict=True)
        ],
    )


@pytest.mark.night
@pytest.mark.parametrize("seed", range(1000, 1500))
def test_every_metric_agrees_through_the_night(seed: int):
    told = scene(seed)
    check(told, questions(told, seed, 3))


@cache
def counted() -> Counter[str]:
    """How often the quick runs ask each metric."""
    chapters = [(seed, *chapter_of(seed)) for seed in QUICK]
    return Counter(
        question.metric
        for seed, told, metrics in chapters
        for question in questions(told, seed, 3, metrics)
    )


@pytest.mark.parametrize("metric", METRICS)
def test_no_metric_is_left_without_questions(metric: str):
    if metric not in DECLARED:
        pytest.skip(f"not declared yet: {metric}")
    assert counted()[metric] >= 9
