"""Exchange rates: from the day or at most 7 days before, the inverse where only that is there (G4)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from memory import metric
from plain_facts import day

from tenure.metrics.derived.rates import MissingRate, Rates, rates_from

MONDAY = day("2026-03-02")


def rate_of(
    value: str, on: str = "2026-03-02", pair: tuple[str, str] = ("EUR", "USD")
) -> dict[str, Any]:
    return {
        "rate_date": day(on),
        "from_currency": pair[0],
        "to_currency": pair[1],
        "rate": Decimal(value),
    }


def rates(*rows: dict[str, Any]) -> Rates:
    return rates_from(rows)


@pytest.mark.parametrize("later", range(8))
def test_a_rate_serves_its_day_and_the_seven_after(later: int) -> None:
    known = rates(rate_of("1.10"))

    assert known.rate("EUR", "USD", MONDAY + timedelta(days=later)) == Decimal("1.10")


@pytest.mark.parametrize("later", [-1, 8])
def test_a_rate_serves_no_day_before_it_and_none_after_a_week(later: int) -> None:
    asked = MONDAY + timedelta(days=later)

    with pytest.raises(MissingRate) as missing:
        rates(rate_of("1.10")).rate("EUR", "USD", asked)

    assert (missing.value.from_currency, missing.value.to_currency) == ("EUR", "USD")
    assert missing.value.day == asked


def test_the_newest_rate_on_or_before_the_day_counts() -> None:
    known = rates(rate_of("1.30", "2026-03-04"), rate_of("1.10"), rate_of("1.20", "2026-03-03"))

    assert known.rate("EUR", "USD", day("2026-03-03")) == Decimal("1.20")


def test_the_inverse_pair_serves_where_only_that_is_there() -> None:
    known = rates(rate_of("0.8", pair=("USD", "EUR")))

    assert known.rate("EUR", "USD", MONDAY) == Decimal("1.25")


def test_the_direct_pair_goes_before_a_newer_inverse() -> None:
    known = rates(rate_of("1.10"), rate_of("0.5", "2026-03-03", pair=("USD", "EUR")))

    assert known.rate("EUR", "USD", day("2026-03-03")) == Decimal("1.10")


def test_a_currency_is_worth_itself_without_any_rate() -> None:
    assert rates().rate("USD", "USD", MONDAY) == 1


def test_no_rate_is_made_out_of_two_others() -> None:
    known = rates(rate_of("1.10"), rate_of("1.5", pair=("USD", "AUD")))

    with pytest.raises(MissingRate):
        known.rate("EUR", "AUD", MONDAY)


def test_a_missing_rate_makes_the_number_unknown_and_names_pair_and_day() -> None:
    line = {"line_id": "l", "account_id": "a", "arr": Decimal(100), "currency": "EUR"}
    rows = {
        "accounts": [{"account_id": "a"}],
        "contract_lines": [line | {"start_date": day("2025-01-01")}],
    }

    answer = metric(rows, "arr_in_force", as_of="2026-03-02")

    assert (answer.value, answer.unknown) == (None, "no_data")
    (note,) = [note for note in answer.findings if note.code == "fx.missing"]
    assert "EUR" in note.says
    assert "USD" in note.says
    assert "2026-03-02" in note.says
