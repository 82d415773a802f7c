"""Rows from Python: dicts, frames and Arrow become the same facts as a CSV."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from arro3.core import Array, DataType
from arro3.core import Table as ArrowTable

from tenure.facts.prepare import from_rows
from tenure.facts.sources.rows import text_of
from tenure.kernel.errors import UserError


def test_values_of_every_kind_arrive_as_they_are(given: Any) -> None:
    rows = [
        {"line_id": "L-1", "account_id": uuid.UUID(int=1), "arr": Decimal("0.1000"), "quantity": 2.5,
         "interval_months": 12, "is_trial": False, "start_date": date(2024, 1, 31), "end_date": None},
        {"line_id": "L-2", "account_id": "A", "arr": 10**13, "quantity": float("nan"),
         "interval_months": 1.0, "is_trial": None, "start_date": datetime(2024, 1, 31, tzinfo=UTC)},
    ]  # fmt: skip
    result = given({"contract_lines": rows})
    assert result.refused() == []
    assert result.column("contract_lines", "arr") == [Decimal("0.1"), Decimal(10**13)]
    assert result.column("contract_lines", "quantity") == [Decimal("2.5"), None]
    assert result.column("contract_lines", "start_date") == [date(2024, 1, 31)] * 2
    assert result.column("contract_lines", "source_line") == [1, 2]
    assert result.column("contract_lines", "source_file") == ["contract_lines (rows given)"] * 2


def test_a_bad_row_is_named_by_its_number(given: Any) -> None:
    result = given({"accounts": [{"account_id": "A-1"}, {"account_id": None}, {"account_id": ""}]})
    assert [(f["rule"], f["line"]) for f in result.findings() if f["level"] == "error"] == [
        ("value.missing", 2), ("value.missing", 3)]  # fmt: skip


def test_an_empty_list_says_that_there_are_none(given: Any) -> None:
    result = given({"accounts": []})
    assert result.rows("accounts") == []
    assert result.rules() == ["file.no_rows"]


def test_rows_may_have_different_keys(given: Any) -> None:
    result = given({"accounts": [{"account_id": "A-1"}, {"name": "x", "account_id": "A-2"}]})
    assert result.column("accounts", "name") == [None, "x"]


def test_a_pandas_frame_is_read_with_its_missing_values(given: Any) -> None:
    frame = pd.DataFrame(
        {
            "line_id": ["L-1", "L-2"],
            "account_id": ["A", "A"],
            "arr": [0.1, None],
            "amount": [None, Decimal("5.5")],
            "interval_months": pd.array([None, 12], dtype="Int64"),
            "is_trial": [True, None],
            "start_date": pd.to_datetime(["2024-01-31", None]),
            "reason": ["NaN Industries", float("nan")],
        }
    )
    result = given({"contract_lines": frame})
    assert [f for f in result.findings() if f["level"] == "error"] == []
    assert result.column("contract_lines", "arr") == [Decimal("0.1"), None]
    assert result.column("contract_lines", "interval_months") == [None, 12]
    assert result.column("contract_lines", "is_trial") == [True, None]
    assert result.column("contract_lines", "start_date") == [date(2024, 1, 31), None]
    assert result.column("contract_lines", "reason") == ["NaN Industries", None]


def test_an_arrow_table_is_read_through_its_capsule(given: Any) -> None:
    table = ArrowTable.from_pydict(
        {
            "account_id": Array(["A-1", "A-2"], type=DataType.string()),
            "name": Array(["x\x00y", None], type=DataType.string()),
        }
    )
    result = given({"accounts": table})
    assert result.column("accounts", "name") == ["x\ufffdy", None]
    assert [f["line"] for f in result.findings("text.control")] == [1]


def test_the_digest_follows_the_values_and_not_the_container() -> None:
    rows = [{"account_id": "A-1", "name": "x"}]
    assert from_rows("accounts", rows).digest == from_rows("accounts", pd.DataFrame(rows)).digest
    assert from_rows("accounts", rows).digest != from_rows("contacts", rows).digest
    assert (
        from_rows("accounts", rows).digest
        != from_rows("accounts", [{"account_id": "A-1", "name": "y"}]).digest
    )
    assert (
        from_rows("accounts", [{"account_id": "A", "name": None}]).digest
        != from_rows("accounts", [{"account_id": "A", "name": ""}]).digest
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-7, "0.0000001"), (1e22, "10000000000000000000000"), (0.1 + 0.2, "0.30000000000000004"),
        (float("inf"), "inf"), (True, "true"), (10**30, str(10**30)), (Decimal("1E+3"), "1000"),
        (datetime(2024, 1, 1, 3, tzinfo=timezone(timedelta(hours=2))), "2024-01-01 03:00:00+02:00"),
        ({"a": [1, Decimal("1.5")]}, '{"a": [1, "1.5"]}'), (float("nan"), None), (pd.NA, None), (pd.NaT, None),
    ],
)  # fmt: skip
def test_a_value_becomes_the_text_it_would_be_in_a_file(value: object, text: str | None) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize("rows", ["accounts.csv", 5, {"account_id": "A"}, [1, 2], None])
def test_what_is_no_rows_is_refused(rows: object) -> None:
    with pytest.raises(UserError, match="list of dicts"):
        from_rows("accounts", rows)


def test_a_value_without_one_text_is_refused() -> None:
    with pytest.raises(UserError, match="complex"):
        from_rows("accounts", [{"account_id": 1j}])
