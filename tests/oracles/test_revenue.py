"""Every revenue number of Tenure against the naive loops, on generated companies."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given, note, seed, settings
from hypothesis import strategies as st

from laws.worlds import CAREFUL, SEED, Held, Rows, companies, in_memory, workspace
from nightly import examples
from oracles.agreement import disagreements
from oracles.links import torn
from oracles.questions import periods, questions
from oracles.reading import read
from oracles.renewals import look, unsettled

DAYS = [
    date(2025, 12, 31),
    date(2025, 6, 30),
    date(2025, 3, 15),
    date(2024, 12, 31),
    date(2024, 5, 1),
]
EVERY_CURRENCY = ("USD", "EUR", "GBP")


def check(held: Held, rows: Rows, as_of: date, grace: int) -> None:
    """Hold a company once, ask everything, and tell every difference at once."""
    note(f"seed {SEED}")
    told = read(rows)
    assume(not torn(told, as_of, grace))
    assume(not unsettled(look(told, as_of, grace)))
    found = []
    with held(rows) as ws:
        for start, end in periods(as_of):
            for question in questions(told, as_of, start, end, grace):
                answer = ws.metric(question.metric, **question.asked)
                found += [
                    f"{question.metric} {question.asked}: {one}"
                    for one in disagreements(answer, question.expected)
                ]
    assert not found, "\n".join(dict.fromkeys(found))


@seed(SEED)
@settings(CAREFUL, max_examples=examples(15, night=60))
@given(companies(), st.sampled_from(DAYS), st.sampled_from([30, 0, 90]))
def test_every_revenue_metric_agrees_with_the_naive_loops(rows: Any, as_of: date, grace: int):
    check(in_memory, rows, as_of, grace)


@seed(SEED)
@settings(CAREFUL, max_examples=examples(6, night=30))
@given(companies(currencies=EVERY_CURRENCY), st.sampled_from(DAYS))
def test_every_revenue_metric_agrees_in_several_currencies(rows: Any, as_of: date):
    check(in_memory, rows, as_of, 30)


@seed(SEED)
@settings(CAREFUL, max_examples=3)
@given(companies(currencies=EVERY_CURRENCY), st.sampled_from(DAYS))
def test_every_revenue_metric_agrees_when_it_is_read_from_a_lake(rows: Any, as_of: date):
    check(workspace, rows, as_of, 30)


@pytest.mark.night
@pytest.mark.timeout(5400)
@seed(SEED)
@settings(CAREFUL, max_examples=500)
@given(
    st.one_of(companies(), companies(calm=True), companies(currencies=EVERY_CURRENCY)),
    st.sampled_from(DAYS),
    st.sampled_from([30, 0, 90, 7]),
)
def test_every_revenue_metric_agrees_through_the_night(rows: Any, as_of: date, grace: int):
    check(workspace, rows, as_of, grace)
