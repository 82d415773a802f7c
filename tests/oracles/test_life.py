"""Coverage, health, portfolio and onboarding of Tenure against the naive loops, on generated lives."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from oracles.agreement_life import disagreements
from oracles.days import quarter_name
from oracles.life import Scene, scene
from oracles.life_answers import ASKING
from oracles.life_questions import chapter_of, questions
from oracles.questions import Question
from tenure import Workspace
from tenure.metrics.declaration import built_in

METRICS = [metric for metric in ASKING if metric != "avg_time_to_first_value_trend"]
QUICK = range(54, 69)
DECLARED = [metric for metric in METRICS if metric in built_in().metrics]


def check(told: Scene, asked: Iterable[Question]) -> None:
    """Load once, ask everything that is declared, and tell every difference at once."""
    if not DECLARED:
        pytest.skip("not declared yet: none of these metrics is in the catalogue")
    found = []
    with tempfile.TemporaryDirectory() as folder:
        ws = Workspace.create(Path(folder) / "ws", reporting_currency="USD", time_zone=told.zone)
        loaded = ws.load(told.rows)
        assert loaded.counts.refused == 0, "the oracle would count rows that the import refused"
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
    check(told, questions(told, seed, 3, metrics))


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
