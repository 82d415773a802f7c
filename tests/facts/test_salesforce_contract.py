"""How one Salesforce contract row is read: last days, leap days, open ends, and reasons for what is no contract."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

import tenure
from tenure import import_salesforce_contract
from tenure.kernel.errors import UserError

ROW = {
    "Id": "800A",
    "AccountId": "001A",
    "StartDate": "2025-01-01",
    "EndDate": "2025-12-31",
    "ContractTerm": 12,
    "Status": "Activated",
}


@pytest.mark.parametrize(
    ("as_of", "days", "in_force"),
    [
        ("2024-12-31", None, False),  # not begun
        ("2025-01-01", 365, True),
        ("2025-12-31", 1, True),  # the last day of service
        ("2026-01-01", 0, False),  # the first day without
        ("2026-01-30", -29, False),  # the clock is shown inside grace
        ("2026-01-31", None, False),
    ],
)
def test_the_end_date_is_the_last_day_of_service(
    as_of: str, days: int | None, in_force: bool
) -> None:
    assert import_salesforce_contract(ROW, as_of) == {
        "end_date": date(2026, 1, 1),
        "days_to_renewal": days,
        "in_force": in_force,
    }


@pytest.mark.parametrize(
    ("given", "end"),
    [
        ({"EndDate": "2024-02-28"}, date(2024, 2, 29)),  # a leap year
        ({"EndDate": "2024-02-29"}, date(2024, 3, 1)),
        ({"EndDate": "2025-02-28"}, date(2025, 3, 1)),
        ({"EndDate": date(2025, 6, 30)}, date(2025, 7, 1)),
        ({"end_date": "2025-06-30 00:00:00"}, date(2025, 7, 1)),  # a connector's spelling
        ({"StartDate": "2024-02-29", "EndDate": "", "ContractTerm": 12}, date(2025, 2, 28)),
        ({"StartDate": "2024-01-31", "ContractTerm": "1"}, date(2024, 2, 29)),
        (
            {"StartDate": "2025-01-01", "EndDate": "2025-03-31", "ContractTerm": 12},
            date(2025, 4, 1),
        ),
        ({"StartDate": "2025-01-01", "EndDate": None}, None),
    ],
)
def test_the_day_after_it_is_found_over_leap_days_and_from_the_term(
    given: dict[str, Any], end: date | None
) -> None:
    assert import_salesforce_contract(given, date(2024, 2, 28))["end_date"] == end


def test_a_contract_without_an_end_is_in_force_and_never_due() -> None:
    read = import_salesforce_contract({"StartDate": "2025-01-01", "EndDate": ""}, "2030-06-30")
    assert read == {"end_date": None, "days_to_renewal": None, "in_force": True}


def test_a_draft_is_not_in_force_and_its_clock_does_not_run() -> None:
    read = import_salesforce_contract(ROW | {"Status": "Draft"}, datetime(2025, 6, 30, 12))  # noqa: DTZ001 - a day given as a local moment
    assert read == {"end_date": date(2026, 1, 1), "days_to_renewal": None, "in_force": False}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"EndDate": "2025-02-30"}, "2025-02-30"),
        ({"EndDate": "next year"}, "next year"),
        ({"EndDate": "2024-12-31"}, "ends on or before the day it starts"),
        ({"IsDeleted": True}, "deleted"),
    ],
)
def test_a_row_that_is_no_contract_is_refused_with_the_reason(
    change: dict[str, Any], why: str
) -> None:
    with pytest.raises(UserError, match=why) as refused:
        import_salesforce_contract(ROW | change, "2025-06-30")
    assert refused.value.code == "salesforce.row"


def test_a_row_of_something_else_is_refused() -> None:
    with pytest.raises(UserError, match="none of StartDate, EndDate and ContractTerm"):
        import_salesforce_contract({"Id": "001A", "Name": "Meridian"}, "2025-06-30")


def test_it_is_a_public_name() -> None:
    assert "import_salesforce_contract" in tenure.__all__
