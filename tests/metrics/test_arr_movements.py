"""The ledger: what a day's change is called (G14), netting, ramps, and that it ties."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory import metric
from plain_facts import day

from tenure.metrics.derived.arr_movements import movement_type

AMOUNTS = st.integers(0, 3).map(Decimal)


@pytest.mark.parametrize(
    ("before", "after", "was_active", "kind"),
    [
        (0, 5, False, "new"),
        (0, 5, True, "reactivation"),
        (5, 0, True, "churn"),
        (5, 6, True, "expansion"),
        (6, 5, True, "downsell"),
    ],
)
def test_coming_and_going_are_asked_before_up_and_down(
    before: int, after: int, was_active: bool, kind: str
) -> None:
    assert movement_type(Decimal(before), Decimal(after), was_active=was_active) == kind


@given(AMOUNTS, AMOUNTS, st.booleans())
def test_a_change_from_or_to_nothing_is_never_expansion_or_downsell(
    before: Decimal, after: Decimal, was_active: bool
) -> None:
    kind = movement_type(before, after, was_active=was_active)

    if before != after and 0 in (before, after):
        assert kind in ("new", "reactivation", "churn")


def company(*lines: dict[str, Any]) -> dict[str, Any]:
    """One account with these lines, each open or with its own end."""
    given = {"account_id": "a", "currency": "USD"}
    return {
        "accounts": [{"account_id": "a"}],
        "contract_lines": [
            given | {"line_id": f"l{n}"} | one for n, one in enumerate(lines, start=1)
        ],
    }


def line(arr: int, start: str, end: str | None = None, **said: Any) -> dict[str, Any]:
    return {
        "arr": Decimal(arr),
        "start_date": day(start),
        "end_date": day(end) if end else None,
    } | said


def moves(rows: dict[str, Any], **said: Any) -> list[tuple[str, str, int]]:
    answer = metric(rows, "arr_movements", **({"as_of": "2026-06-01"} | said))
    return [
        (str(m["movement_date"]), m["movement_type"], int(m["arr_delta"]))
        for m in answer.components["movements"]
    ]


def test_a_swap_on_one_day_is_one_movement_of_the_difference() -> None:
    rows = company(line(12, "2025-01-01", "2025-06-01"), line(18, "2025-06-01"))

    assert moves(rows) == [("2025-01-01", "new", 12), ("2025-06-01", "expansion", 6)]


def test_a_swap_at_the_same_price_is_no_movement() -> None:
    rows = company(line(12, "2025-01-01", "2025-06-01"), line(12, "2025-06-01"))

    assert moves(rows) == [("2025-01-01", "new", 12)]


def test_a_return_after_a_gap_of_one_day_is_churn_and_reactivation() -> None:
    rows = company(line(12, "2025-01-01", "2025-06-01"), line(12, "2025-06-02"))

    assert [kind for _, kind, _ in moves(rows)] == ["new", "churn", "reactivation"]


def test_a_line_of_nothing_is_no_movement_and_the_first_pay_is_new() -> None:
    rows = company(line(0, "2025-01-01"), line(5, "2025-03-01"))

    assert moves(rows) == [("2025-03-01", "new", 5)]


def test_trials_usage_and_one_time_fees_are_no_movement() -> None:
    rows = company(
        line(5, "2025-01-01", is_trial=True),
        line(5, "2025-01-01", kind="usage"),
        line(5, "2025-01-01", kind="one_time"),
    )

    assert moves(rows) == []


def test_a_movement_of_the_future_is_not_there_yet() -> None:
    rows = company(line(5, "2025-01-01"), line(5, "2025-03-01"))

    assert len(moves(rows, as_of="2025-02-28")) == 1
    assert len(moves(rows, as_of="2025-03-01")) == 2


def test_a_ramp_step_can_be_left_out_of_expansion() -> None:
    rows = company(
        line(10, "2025-01-01", "2026-01-01"),
        line(14, "2026-01-01", reason="ramp"),
        line(3, "2026-01-01", reason="seats", product_id="other"),
    )
    asked = {"start": "2026-01-01", "end": "2026-04-01", "as_of": "2026-06-01"}

    whole = metric(rows, "quarterly_expansion_revenue", **asked)
    without = metric(rows, "quarterly_expansion_revenue", **asked, include_ramp=False)

    assert (whole.value, without.value) == (Decimal(7), Decimal(3))


def test_a_movement_leads_back_to_the_rows_that_made_it() -> None:
    rows = company(line(12, "2025-01-01", "2025-06-01"), line(18, "2025-06-01"))

    answer = metric(rows, "arr_movements", as_of="2026-06-01")

    assert {(row.key, row.file, row.line) for row in answer.rows} == {
        ("l1", "contract_lines.csv", 2),
        ("l2", "contract_lines.csv", 3),
    }


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 300), st.integers(0, 5)), max_size=6),
    st.integers(0, 500),
)
def test_movements_sum_to_the_balance_on_every_day(
    spans: list[tuple[int, int, int]], asked: int
) -> None:
    first = day("2024-01-01")
    lines = [
        line(arr, str(first + timedelta(days=start)), str(first + timedelta(days=start + length)))
        for start, length, arr in spans
    ]
    as_of = first + timedelta(days=asked)

    moved = sum(delta for *_, delta in moves(company(*lines), as_of=as_of))

    assert metric(company(*lines), "arr_in_force", as_of=as_of).value == moved
