"""Spans of stretches are the spans each day would work out by itself."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from memory import Memory

from oracles.company import company
from tenure.metrics.derived.line_spans import line_spans
from tenure.metrics.derived.spans_seen import FEW_DAYS
from tenure.metrics.reading import Reading
from tenure.metrics.recent import MOST_DAYS

FIRST, LAST = date(2023, 6, 1), date(2026, 3, 1)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("grace", [0, 30])
def test_every_day_sees_the_spans_it_would_find_alone(seed: int, grace: int) -> None:
    chance = random.Random(seed)
    reading = Reading(Memory(company(lambda options: chance.choice(options))), "USD")
    days = [FIRST + timedelta(days=n) for n in range(0, (LAST - FIRST).days, 9)]
    for day in chance.sample(days, len(days)):
        alone = line_spans(
            reading.contracts(),
            reading.lines().lines,
            reading.carried(grace, day),
            grace_days=grace,
        )
        assert reading.spans(grace, day) == alone, day
    assert len(days) > FEW_DAYS


def test_a_year_of_days_does_not_pile_up_in_memory() -> None:
    chance = random.Random(5)
    reading = Reading(Memory(company(lambda options: chance.choice(options))), "USD")
    for n in range(200):
        reading.changes(FIRST + timedelta(days=n), 30)
        reading.links(30, FIRST + timedelta(days=n))
    piles = [reading._recent.held, reading._seen()._recent.held]
    assert max(len(own) for pile in piles for own in pile.values()) == MOST_DAYS
