"""The short way past the checks: a cell that takes it would have passed them all, with the same value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import duckdb
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from tenure.facts.checks.check import Check
from tenure.facts.checks.numbers import number_check
from tenure.facts.checks.times import date_check, timestamp_check
from tenure.facts.checks.words import id_check, text_check
from tenure.facts.sql import append, trimmed
from tenure.facts.table import Column

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
POINT = (".", "")

CHECKS: dict[str, tuple[Check, list[str]]] = {
    "id": (id_check(), ["A-1", "007", "x", "1001", "9e", "two words"]),
    "text": (text_check(), ["Acme", "1001.0", "two words"]),
    "int": (number_check(Column("int", ""), POINT), ["0", "-7", "123456789012345678"]),
    "int from 0": (number_check(Column("int", "", minimum=0), POINT), ["0", "17"]),
    "int from 1 to 12": (number_check(Column("int", "", minimum=1, maximum=12), POINT), ["1", "12"]),
    "money": (number_check(Column("money", ""), POINT), ["0.5", "-12.3400", "12345678901234.5678"]),
    "number from 0": (number_check(Column("number", "", minimum=0), POINT), ["5", "1.123456"]),
    "rate": (number_check(Column("rate", "", minimum=0), POINT), ["1.0845", "0.1234567891"]),
    "date": (date_check("", latest=None), ["2024-02-29", "2999-12-31"]),
    "date of the past": (date_check("day_month", latest=NOW), ["2024-02-29", "2026-06-02"]),
    "time": (timestamp_check("", "UTC", latest=None), ["2024-02-29 10:00:00", "2024-02-29T10:00:00Z"]),
    "time of the past": (timestamp_check("", "UTC", latest=NOW), ["2026-06-02 12:00:00.000000Z"]),
    "time in Berlin": (timestamp_check("", "Europe/Berlin", latest=NOW), ["2024-03-31T02:30:00.5Z"]),
}  # fmt: skip

PIECES = st.sampled_from(
    ["0", "1", "2", "9", "12", "007", "30", "31", "2024", "2026", "02", "06", "-", "-", ":", ".", "..", ",", "+",
     " ", "T", "Z", "e", "E5", "x", "A-1", "_", "00:00:00", "2024-02-30", "2024-01-31", "23:59:60", "24:00",
     "10:30:15", ".123456", ".1234567", "+02:00", "\u00a0", "\t", "٣", "é", "infinity", "epoch", "nan", "'",
     "9" * 18, "9" * 19, "0.00005", "x" * 10_001]
)  # fmt: skip
TEXTS = st.one_of(
    st.lists(PIECES, max_size=6).map("".join),
    st.sampled_from(["2026-06-02", "2026-06-03", "0000-01-01", "9999-12-31", "10000-01-01", "-1.5", "1.", ".5"]),
    st.datetimes().map(lambda moment: moment.isoformat(sep=" ")),
    st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    st.decimals(allow_nan=False, allow_infinity=False, places=5).map(str),
    st.integers().map(str),
)  # fmt: skip


@pytest.fixture(scope="module")
def connection() -> Iterator[Any]:
    with duckdb.connect() as opened:
        opened.execute("set TimeZone = 'UTC'")
        yield opened


def read(connection: Any, check: Check, cells: list[str]) -> list[tuple[Any, ...]]:
    """For every cell: whether it takes the short way, the value there, and code and value in full."""
    connection.execute("create or replace table cells (r varchar)")
    append(connection, "cells", {"r": cells})
    return connection.execute(
        f"select r, ({check.sure_sql('r')}) is true, {check.sure_value_sql('r')}, {check.code_sql('t')}, "
        f"{check.value_sql('t')} from (select r, {trimmed('r')} as t from cells)"
    ).fetchall()


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(cells=st.lists(TEXTS, min_size=1, max_size=40))
@pytest.mark.parametrize("name", CHECKS)
def test_what_takes_the_short_way_would_have_passed_in_full(
    connection: Any, name: str, cells: list[str]
) -> None:
    check, good = CHECKS[name]
    for cell, is_sure, sure_value, code, value in read(connection, check, [*cells, *good, ""]):
        if is_sure:
            assert (code, sure_value) == (0, value), cell


@pytest.mark.parametrize(
    ("cell", "fits"),
    [
        ("99999999999999.99994", True),
        ("99999999999999.99995", False),
        ("-99999999999999.99995", False),
    ],
)
def test_what_rounding_makes_too_large_is_refused_and_stops_nothing_else(
    cell: str, fits: bool, imported: Any
) -> None:
    rows = f"C-1,A-1,2026-01-01,{cell}\nC-2,A-1,2026-01-01,12.50\n"
    result = imported({
        "accounts.csv": "account_id,name\nA-1,Meridian\n",
        "contracts.csv": "contract_id,account_id,start_date,tcv\n" + rows,
    })  # fmt: skip

    kept = [row["contract_id"] for row in result.rows("contracts")]
    assert kept == (["C-1", "C-2"] if fits else ["C-2"])
    assert ("number.size" in result.rules()) is not fits


@pytest.mark.parametrize("name", CHECKS)
def test_cells_in_their_usual_form_take_the_short_way(connection: Any, name: str) -> None:
    check, good = CHECKS[name]
    assert [row[1] for row in read(connection, check, good)] == [True] * len(good)


def test_the_first_of_two_equal_rows_stays_whichever_way_they_went(imported: Any) -> None:
    rows = "A-1, Meridian ,smb\nA-1,Meridian,smb\nA-2,Beta,smb\nA-2, Beta,smb\n"
    result = imported({"accounts.csv": "account_id,name,segment\n" + rows})
    assert [(r["account_id"], r["source_line"]) for r in result.rows("accounts")] == [
        ("A-1", 2), ("A-2", 4)]  # fmt: skip
    assert result.file("accounts.csv").repeats == 2
