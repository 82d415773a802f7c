"""Every bad value of a file gets its rule, line and column; its neighbors go through."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tenure.facts.checks.words import JSON_DEPTH
from tenure.facts.prepare import Settings
from tenure.facts.reading import Reading
from tenure.facts.table import Rule, table

ACCOUNTS = "account_id,name,segment,currency,start_date,external_ids\n"
LINES = "line_id,account_id,arr,interval_months,quantity,is_trial,start_date,end_date\n"
TICKETS = "ticket_id,account_id,created_at,solved_at,csat\n"
RATES = "rate_date,from_currency,to_currency,rate\n"


def account(**cells: str) -> str:
    values = {"account_id": "A-1", "name": "Meridian", "segment": "smb", "currency": "EUR",
              "start_date": "2024-01-31", "external_ids": ""} | cells  # fmt: skip
    return ",".join(quoted(value) for value in values.values()) + "\n"


def line(**cells: str) -> str:
    values = {"line_id": "L-1", "account_id": "A-1", "arr": "100", "interval_months": "12", "quantity": "5",
              "is_trial": "no", "start_date": "2024-01-31", "end_date": "2025-01-31"} | cells  # fmt: skip
    return ",".join(quoted(value) for value in values.values()) + "\n"


def ticket(**cells: str) -> str:
    values = {"ticket_id": "T-1", "account_id": "A-1", "created_at": "2024-01-31 09:30",
              "solved_at": "", "csat": "4"} | cells  # fmt: skip
    return ",".join(quoted(value) for value in values.values()) + "\n"


def rate(**cells: str) -> str:
    values = {"rate_date": "2024-01-31", "from_currency": "EUR", "to_currency": "USD",
              "rate": "1.0845"} | cells  # fmt: skip
    return ",".join(quoted(value) for value in values.values()) + "\n"


def quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


SHAPES = {
    "accounts": (ACCOUNTS, account, "account_id"),
    "contract_lines": (LINES, line, "line_id"),
    "tickets": (TICKETS, ticket, "ticket_id"),
    "fx_rates": (RATES, rate, "rate_date"),
}

BAD = [
    ("contract_lines", "arr", "12,5", "number.decimal", 3),
    ("contract_lines", "arr", "1,234.50", "number.decimal", 3),
    ("contract_lines", "arr", "NaN", "number.not_finite", 3),
    ("contract_lines", "arr", "Infinity", "number.not_finite", 3),
    ("contract_lines", "arr", "∞", "number.not_finite", 3),
    ("contract_lines", "arr", "1e999", "number.scientific", 3),
    ("contract_lines", "arr", "1e5", "number.scientific", 3),
    ("contract_lines", "arr", "1.2E+05", "number.scientific", 3),
    ("contract_lines", "arr", "=1+1", "number.formula", 3),
    ("contract_lines", "arr", "١٢٣", "number.digits", 3),
    ("contract_lines", "arr", "１２３", "number.digits", 3),
    ("contract_lines", "arr", "0x10", "number.hex", 3),
    ("contract_lines", "arr", "12 000", "number.grouping", 3),
    ("contract_lines", "arr", "12\u00a0000", "number.grouping", 3),
    ("contract_lines", "arr", "$12.50", "number.unit", 3),
    ("contract_lines", "arr", "12%", "number.unit", 3),
    ("contract_lines", "arr", "+12", "number.form", 3),
    ("contract_lines", "arr", "n/a", "number.form", 3),
    ("contract_lines", "arr", "1_000", "number.form", 3),
    ("contract_lines", "arr", "12.", "number.form", 3),
    ("contract_lines", "arr", "123456789012345.00", "number.size", 3),
    ("contract_lines", "interval_months", "27.5", "number.whole", 4),
    ("contract_lines", "interval_months", "0", "number.range", 4),
    ("contract_lines", "interval_months", "99999999999999999999", "number.size", 4),
    ("contract_lines", "is_trial", "maybe", "bool.form", 6),
    ("contract_lines", "end_date", "2024-01-31", "line.span", 8),
    ("contract_lines", "arr", "", "line.amount", None),
    ("tickets", "csat", "9", "number.range", 5),
    ("accounts", "account_id", "", "value.missing", 1),
    ("accounts", "account_id", "   ", "value.missing", 1),
    ("accounts", "name", "x" * 10_001, "size.text", 2),
    ("accounts", "currency", "EURO", "currency.unknown", 4),
    ("accounts", "currency", "€", "currency.unknown", 4),
    ("accounts", "start_date", "2024-02-30", "date.impossible", 5),
    ("accounts", "start_date", "2023-02-29", "date.impossible", 5),
    ("accounts", "start_date", "45321", "date.serial", 5),
    ("accounts", "start_date", "3/4/26", "date.short_year", 5),
    ("accounts", "start_date", "Jan 5, 2024", "date.form", 5),
    ("accounts", "start_date", "2024-01-31 24:00", "time.form", 5),
    ("accounts", "start_date", "٢٠٢٤-٠١-٣١", "date.form", 5),
    ("accounts", "external_ids", "{'a': 1}", "json.form", 6),
    ("accounts", "external_ids", "[" * 65 + "]" * 65, "size.json", 6),
    (
        "accounts",
        "external_ids",
        json.dumps({str(i): 0 for i in range(1001)}, separators=(",", ":")),
        "size.json",
        6,
    ),
    ("tickets", "created_at", "2024-01-31 24:00", "time.form", 3),
    ("tickets", "created_at", "2024-01-31 12:60", "time.form", 3),
    ("tickets", "created_at", "2024-02-30 12:00", "date.impossible", 3),
    ("tickets", "created_at", "2026-06-02 12:00:01", "time.future", 3),
    ("tickets", "created_at", "yesterday", "date.form", 3),
    ("tickets", "created_at", "2024-01-31 12:00 CET", "time.form", 3),
    ("fx_rates", "from_currency", "ABC", "currency.unknown", 2),
    ("fx_rates", "rate", "", "value.missing", 4),
]


@pytest.mark.parametrize(("table", "column", "value", "rule", "column_no"), BAD)
def test_a_bad_value_is_refused_with_its_line_and_column(
    imported: Any, table: str, column: str, value: str, rule: str, column_no: int | None
) -> None:
    header, row, key = SHAPES[table]
    good = row(**{key: "2024-02-01" if key == "rate_date" else "good"})
    result = imported({f"{table}.csv": header + good + row(**{column: value})})

    refused = [f for f in result.findings() if f["outcome"] == "refused"]
    assert [(f["rule"], f["line"]) for f in refused] == [(rule, 3)]
    if column_no is not None:
        assert refused[0]["column_no"] == column_no
        assert refused[0]["column_name"] == column
    assert (refused[0]["value"] or "") == value[:200]
    assert refused[0]["says"]
    assert refused[0]["remedy"]
    assert [row["source_line"] for row in result.rows(table)] == [2]
    (kept,) = result.refused()
    assert (kept["line"], kept["rule"]) == (3, rule)
    assert json.loads(kept["row"])[column] == value


GOOD = [
    ("contract_lines", "arr", "-12.50", Decimal("-12.5000")),
    ("contract_lines", "arr", " 12 ", Decimal("12.0000")),
    ("contract_lines", "arr", "007", Decimal("7.0000")),
    ("contract_lines", "arr", "99999999999999.9999", Decimal("99999999999999.9999")),
    ("contract_lines", "interval_months", "27.0", 27),
    ("contract_lines", "is_trial", "TRUE", True),
    ("contract_lines", "is_trial", "f", False),
    ("contract_lines", "is_trial", "0.0", False),
    ("contract_lines", "is_trial", "", None),
    ("contract_lines", "quantity", "", None),
    ("accounts", "segment", "Mid-Market", "mid_market"),
    ("accounts", "segment", "MM", "mid_market"),
    ("accounts", "currency", "eur", "EUR"),
    ("accounts", "name", "  \u00a0Acme\t", "Acme"),
    ("accounts", "name", "NULL", "NULL"),
    ("accounts", "external_ids", '{"salesforce": "001"}', '{"salesforce": "001"}'),
    ("accounts", "external_ids", "[" * JSON_DEPTH + "]" * JSON_DEPTH, "[" * 64 + "]" * 64),
]


@pytest.mark.parametrize(("table", "column", "value", "kept"), GOOD)
def test_a_good_value_is_kept_without_a_word(
    imported: Any, table: str, column: str, value: str, kept: object
) -> None:
    header, row, _ = SHAPES[table]
    result = imported({f"{table}.csv": header + row(**{column: value})})
    assert result.column(table, column) == [kept]
    assert [f for f in result.findings() if f["level"] != "notice"] == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("1.00005", "1.0000"), ("1.00015", "1.0002"), ("1.000050001", "1.0001"), ("-1.00015", "-1.0002"),
        ("-0.00005", "0.0000"), ("2.99999", "3.0000"), ("1.00004999999", "1.0000"), ("0.00015", "0.0002"),
    ],
)  # fmt: skip
def test_money_with_more_decimals_is_rounded_half_to_even_and_said(
    imported: Any, given: str, kept: str
) -> None:
    result = imported({"contract_lines.csv": LINES + line(arr=given)})
    assert result.column("contract_lines", "arr") == [Decimal(kept)]
    (finding,) = result.findings("number.rounded")
    assert (finding["outcome"], finding["level"], finding["value"]) == ("cleaned", "warning", given)


def test_zeros_after_the_fourth_decimal_are_no_rounding(imported: Any) -> None:
    result = imported({"contract_lines.csv": LINES + line(arr="1.50000000")})
    assert result.column("contract_lines", "arr") == [Decimal("1.5")]
    assert result.findings("number.rounded") == []


def test_an_unknown_word_is_kept_with_one_warning_for_all_its_rows(imported: Any) -> None:
    rows = "".join(account(account_id=f"A-{i}", segment="huge") for i in range(5))
    result = imported({"accounts.csv": ACCOUNTS + rows})
    assert set(result.column("accounts", "segment")) == {"huge"}
    (finding,) = result.findings("word.unknown")
    assert (finding["line"], finding["value"], finding["level"]) == (2, "huge", "warning")
    assert "(5 rows)" in finding["says"]


def test_many_cleaned_values_are_listed_up_to_a_hundred_and_then_counted(imported: Any) -> None:
    rows = "".join(line(line_id=f"L-{i}", arr="1.23456") for i in range(130))
    result = imported({"contract_lines.csv": LINES + rows})
    found = result.findings("number.rounded")
    assert len(found) == 101
    assert found[-1]["line"] is None
    assert "30 more" in found[-1]["says"]


def test_every_refused_value_is_listed_however_many(imported: Any) -> None:
    rows = "".join(line(line_id=f"L-{i}", arr="12,5") for i in range(250))
    result = imported({"contract_lines.csv": LINES + rows})
    assert [f["line"] for f in result.findings("number.decimal")] == list(range(2, 252))


def test_all_faults_of_a_row_are_found_and_the_first_stands_beside_it(imported: Any) -> None:
    bad = line(arr="12,5", is_trial="maybe", start_date="2024-02-30")
    result = imported({"contract_lines.csv": LINES + bad})
    refused = [f["rule"] for f in result.findings() if f["outcome"] == "refused"]
    assert refused == ["number.decimal", "bool.form", "date.impossible"]
    assert [row["rule"] for row in result.refused()] == ["number.decimal"]


def test_the_remedy_shows_the_number_as_it_should_be_written(imported: Any) -> None:
    result = imported({"contract_lines.csv": LINES + line(arr="12,5")})
    assert result.findings("number.decimal")[0]["remedy"].startswith("write 12.5, or set decimal")


def test_a_declared_decimal_comma_with_grouping_is_read(imported: Any) -> None:
    settings = Settings(reading=Reading(locale="de_DE"))
    rows = line(line_id="L-1", arr="1.234,50") + line(line_id="L-2", arr="12.5")
    result = imported({"contract_lines.csv": LINES + rows}, settings=settings)
    assert result.column("contract_lines", "arr") == [Decimal("1234.5")]
    assert [f["line"] for f in result.findings("number.decimal")] == [3]


def test_french_grouping_takes_every_blank_that_is_used_for_it(imported: Any) -> None:
    settings = Settings(reading=Reading(locale="fr_FR"))
    rows = "".join(
        line(line_id=f"L-{i}", arr=f"1{blank}234,50") for i, blank in enumerate(" \u00a0\u202f")
    )
    result = imported({"contract_lines.csv": LINES + rows}, settings=settings)
    assert result.column("contract_lines", "arr") == [Decimal("1234.5")] * 3


def test_declared_words_for_missing_are_missing(imported: Any) -> None:
    settings = Settings(reading=Reading(missing=("NULL", "n/a")))
    rows = line(arr="5", quantity="n/a", end_date="null")
    result = imported({"contract_lines.csv": LINES + rows}, settings=settings)
    assert result.column("contract_lines", "quantity") == [None]
    assert result.column("contract_lines", "end_date") == [None]
    assert result.refused() == []


@pytest.mark.parametrize("digit", ["٣", "۳", "߃", "३", "৩", "๓", "３", "𝟑", "³", "Ⅲ", "㈢"])
def test_no_other_scripts_digit_is_read_as_a_number(imported: Any, digit: str) -> None:
    result = imported({"contract_lines.csv": LINES + line(arr=f"1{digit}") + line(arr=digit)})
    assert result.rows("contract_lines") == []
    assert all(f["rule"].startswith("number.") for f in result.findings() if f["line"])


def test_ids_that_became_numbers_are_doubted_once(imported: Any) -> None:
    ids = ("1001.0", "1.00123E+11", "1002.0", "1E5-x", "007", "v1.0")
    rows = "".join(account(account_id=one) for one in ids)
    result = imported({"accounts.csv": ACCOUNTS + rows})
    (finding,) = result.findings("id.number")
    assert (finding["level"], finding["value"]) == ("warning", "1001.0")
    assert "(3 rows)" in finding["says"]
    assert result.column("accounts", "account_id") == list(ids)


def test_a_rule_that_cannot_be_answered_does_not_hold(imported: Any) -> None:
    result = imported({"contract_lines.csv": LINES + line(arr="", is_trial="")})
    assert [f["line"] for f in result.findings("line.amount")] == [2]
    assert result.rows("contract_lines") == []


def test_a_rule_whose_condition_is_unknown_refuses_the_row(
    imported: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = Rule("account.small", "segment = 'smb'", "is not small", "check it", "segment")
    strict = replace(table("accounts"), rules=(rule,))
    monkeypatch.setattr("tenure.facts.files.table", lambda name: strict)
    rows = account() + account(account_id="A-2", segment="")
    result = imported({"accounts.csv": ACCOUNTS + rows})
    assert [(f["rule"], f["line"]) for f in result.findings() if f["level"] == "error"] == [
        ("account.small", 3)
    ]
