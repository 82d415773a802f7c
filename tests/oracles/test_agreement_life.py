"""The comparison itself: an answer that says the oracle's words agrees, and one changed word is told."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from oracles.agreement_life import disagreements
from oracles.life_answers import answer, told
from oracles.plain_life import AS_OF, Q2, life, plan, touch
from oracles.reading import Missing


def said(found: dict[str, Any], **changed: Any) -> SimpleNamespace:
    """The oracle's own words as an Answer, with floats where an engine has them."""
    parts, reasons = told(found)
    value = parts.pop("value")
    reasons |= changed.pop("reasons", {})
    return SimpleNamespace(
        value=value, unknown=reasons.pop("value", None), components=parts | changed, reasons=reasons
    )


def cadence() -> dict[str, Any]:
    rows = life(
        cadence_plans=[plan(days=30), plan("call", 90, start=AS_OF, account_id="B")],
        accounts=[{"account_id": name} for name in "ABC"],
        activities=[touch(Q2[0] + timedelta(days=3))],
    )
    return answer("cadence_attainment", rows, AS_OF, Q2)


def test_the_oracle_agrees_with_itself():
    assert disagreements(said(cadence()), cadence()) == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"coverage_rate": 0.1}, "coverage_rate: 0.1 (None), the oracle says 0"),
        ({"coverage_rate": False}, "coverage_rate: False"),
        ({"accounts_with_due_slots": 2}, "accounts_with_due_slots: 2"),
        ({"by_account": {}}, "by_account.A: absent"),
        ({"by_account": None}, "the oracle has a map"),
        ({"reasons": {"by_account.B": "no_data"}}, "Unknown (undefined)"),
        ({"reasons": {"by_account.C": None}}, "Unknown (no_data)"),
    ],
)
def test_one_changed_word_is_told(change: dict[str, Any], word: str):
    found = disagreements(said(cadence(), **change), cadence())
    assert any(word in one for one in found), found


def test_a_ratio_may_differ_in_the_tenth_digit_and_a_count_not_at_all():
    found = cadence()
    near = float(found["by_account"]["A"]["value"])
    row = {"slots_due": 3, "slots_attained": 1, "value": near}
    rest = dict.fromkeys("BC")
    assert disagreements(said(found, by_account={"A": row} | rest), found) == []
    off = {"A": row | {"value": near + 1e-8}} | rest
    assert len(disagreements(said(found, by_account=off), found)) == 1
    off = {"A": row | {"slots_due": 3.0000000001}} | rest
    assert len(disagreements(said(found, by_account=off), found)) == 1


def test_a_row_nobody_has_is_told_unless_it_says_nothing():
    want = {"by_csm": {"maya": 1}, "n": {}, "by_account": {"A": Missing("no_data")}, "value": 1}
    got = said(want, by_csm={"maya": 1, "tom": 0}, n={"tom": 0})
    assert disagreements(got, want) == []
    got = said(want, by_csm={"maya": 1, "tom": 1}, by_account={"A": None, "B": 0})
    assert len(disagreements(got, want)) == 2


def test_parts_of_a_cut_are_compared():
    want = {"cuts": {"maya": {"total_hours": 2, "shares": Missing("withheld")}}}
    cut = SimpleNamespace(
        key="maya", components={"total_hours": 2, "shares": None}, reason="withheld"
    )
    right = SimpleNamespace(value=None, unknown=None, components={}, reasons={}, cuts=[cut])
    assert disagreements(right, want) == []
    cut.reason = "no_data"
    assert len(disagreements(right, want)) == 1
    right.cuts = []
    assert len(disagreements(right, want)) == 1
