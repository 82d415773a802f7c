from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.kernel.money import cents, four_places, ratio, total

AMOUNTS = st.decimals(Decimal(-(10**9)), Decimal(10**9), places=4)


@pytest.mark.parametrize(
    ("amount", "kept"),
    [
        ("0.00005", "0.0000"),
        ("0.00015", "0.0002"),
        ("0.00025", "0.0002"),
        ("-0.00015", "-0.0002"),
        ("1.23455", "1.2346"),
    ],
)
def test_four_places_round_half_to_even(amount: str, kept: str) -> None:
    assert str(four_places(Decimal(amount))) == kept


def test_cents_round_half_to_even() -> None:
    assert [str(cents(Decimal(text))) for text in ("0.005", "0.015", "2.675")] == [
        "0.00",
        "0.02",
        "2.68",
    ]


@given(st.lists(AMOUNTS), st.randoms())
def test_a_sum_is_exact_in_any_order(amounts: list[Decimal], shuffler: object) -> None:
    shuffled = list(amounts)
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]

    assert total(amounts) == total(shuffled)
    assert total([*amounts, *(-amount for amount in amounts)]) == 0


def test_the_sum_of_nothing_is_a_decimal_zero() -> None:
    assert total([]) == 0
    assert isinstance(total([]), Decimal)


def test_a_ratio_over_nothing_is_no_number() -> None:
    assert ratio(5, 0) is None
    assert ratio(Decimal("0.00"), Decimal("0.00")) is None


def test_a_ratio_is_a_float_divided_once() -> None:
    assert ratio(Decimal(708), Decimal(740)) == 708 / 740
    assert isinstance(ratio(1, 3), float)
