"""A book: zones, order, reasons and choices, on plain rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.insights.attention import reason
from tenure.insights.book import (
    ZONES,
    BookRow,
    Line,
    Surroundings,
    book_rows,
    distribution,
    urgency,
    zone_of,
)  # fmt: skip
from tenure.insights.choosing import Choice, chosen, ordered, unknown_in
from tenure.kernel.unknown import Unknown
from tenure.metrics.derived.book import Owners

LINES = (Line("at_risk", 50.0), Line("watch", 70.0))
DAY = date(2026, 6, 15)


def row(
    account: str, *, score: float | None = None, arr: Decimal | None = None, **numbers: Any
) -> BookRow:
    held = {
        "account_id": account,
        "health_score": score, "health_score__why": None if score is not None else "no_data",
        "arr_in_force": arr, "arr_in_force__why": None if arr is not None else "undefined",
        "arr_in_force__status": "active", "arr_in_force__status__why": None,
    } | numbers  # fmt: skip
    around = Surroundings({}, Owners({}, {}), lines=LINES)
    return book_rows([held], [{"account_id": account, "name": account}], around, DAY)[0]


@pytest.mark.parametrize(
    ("score", "zone"),
    [
        (0, "at_risk"),
        (49.9, "at_risk"),
        (50, "watch"),
        (69.9, "watch"),
        (70, "healthy"),
        (None, "unknown"),
    ],
)
def test_a_score_lies_in_the_zone_of_the_lowest_line_it_is_below(
    score: float | None, zone: str
) -> None:
    assert zone_of(score, LINES) == zone


def test_a_score_without_lines_is_in_no_zone() -> None:
    assert zone_of(99, ()) == "unknown"


def test_a_missing_number_says_why_and_is_never_zero() -> None:
    found = row("a")

    assert found.arr == Unknown("undefined")
    assert found.numbers["health_score"] == Unknown("no_data")
    assert found.health_before is None


def test_the_dearest_account_at_risk_comes_first_and_unknown_before_healthy() -> None:
    rows = [
        row("fine", score=90, arr=Decimal(900)),
        row("unscored", arr=Decimal(10)),
        row("small", score=10, arr=Decimal(1)),
        row("large", score=10, arr=Decimal(5)),
        row("watched", score=60, arr=Decimal(999)),
    ]

    assert [r.account_id for r in sorted(rows, key=urgency)] == [
        "large",
        "small",
        "watched",
        "unscored",
        "fine",
    ]


ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 100)), st.one_of(st.none(), st.integers(0, 10**6))
    ),
    max_size=12,
)


@given(ROWS, st.sampled_from(["health", "arr", "account", "renewal"]), st.booleans())
def test_an_order_loses_nobody_and_puts_the_unknown_last(
    values: list[Any], name: str, falling: bool
) -> None:
    rows = [
        row(f"a{i}", score=score, arr=None if arr is None else Decimal(arr), days_to_renewal=arr)
        for i, (score, arr) in enumerate(values)
    ]
    found = ordered(rows, name, falling=falling)
    unknown = unknown_in(rows, name)

    assert sorted(r.account_id for r in found) == sorted(r.account_id for r in rows)
    assert unknown_in(found[len(found) - unknown :], name) == unknown


@given(ROWS)
def test_the_zones_of_a_book_add_up_to_its_active_accounts(values: list[Any]) -> None:
    rows = [
        row(f"a{i}", score=s, arr=None if a is None else Decimal(a))
        for i, (s, a) in enumerate(values)
    ]
    shares = distribution(rows)

    assert [share.zone for share in shares] == list(ZONES)
    assert sum(share.accounts for share in shares) == len(rows)
    assert sum(share.arr for share in shares) == sum(Decimal(a) for _, a in values if a is not None)
    for share in shares:
        assert share.accounts == len(chosen(rows, Choice(zone=share.zone)))


def test_an_unknown_number_fits_no_limit() -> None:
    known = row("a", days_past_cadence=40, days_since_last_touch=61, days_to_renewal=10)
    unknown = row("b")

    for choice in (Choice(past=30), Choice(untouched=60), Choice(renews_in=30)):
        assert chosen([known, unknown], choice) == [known]
    assert chosen([row("c", days_to_renewal=-3)], Choice(renews_in=30)) == []


def test_accounts_that_left_are_shown_only_when_asked_for() -> None:
    gone = row("gone", arr_in_force__status="churned")
    here = row("here")

    assert chosen([gone, here], Choice()) == [here]
    assert chosen([gone, here], Choice(left=True)) == [gone]


def test_the_gravest_fact_is_said_first_and_two_at_most() -> None:
    numbers = {
        "days_to_renewal": 12, "usage_trend": -0.4, "health_score_delta_90d": -12.4,
        "exec_sponsor_unresponsive_days": 34, "days_past_cadence": 1,
    }  # fmt: skip

    assert (
        reason(numbers)
        == "Sponsor has not answered for 34 days. Health fell by 12 points in 90 days."
    )
    assert reason({"days_past_cadence": 1}) == "1 day past its planned touch."
    assert (
        reason({"usage_trend": -0.19, "health_score_delta_90d": -9.9, "days_to_renewal": 91}) == ""
    )
    assert reason({"usage_trend": Unknown("no_data")}, flags=["", ""]) == "2 open flags."
    assert reason({}, flags=["Seats: 20 %, below 50 %"]) == "Seats: 20 %, below 50 %."
    assert reason({}, flags=["", "Seats low", "Late"]) == "Seats low; 2 more flags."
    assert reason({"days_past_cadence": 1}, flags=["x"]) == "1 day past its planned touch."
