"""Expressions of metrics: what they may say, and that text a person typed is never run as SQL."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory import Memory, metric

from tenure.kernel.errors import DeclarationError
from tenure.metrics.compiler import evaluate, literal, parse, plans
from tenure.metrics.declaration import built_in

NAMES = {"stage", "amount", "is_qualified", "close_date", "as_of"}


@pytest.mark.parametrize(
    "expression",
    [
        "true",
        "stage = 'open'",
        "stage <> 'open' and not is_qualified",
        "amount * 2 + 1 - amount",
        "-amount > 0 or amount is null",
        "stage in ('open', 'won')",
        "amount between 1 and 5",
        "coalesce(amount, 0)",
        "(close_date < as_of)",
    ],
)
def test_comparisons_logic_and_exact_arithmetic_are_allowed(expression: str) -> None:
    assert parse(expression, NAMES, where="x.toml").sql()


@pytest.mark.parametrize(
    "expression",
    [
        "amount / 2",
        "count(*)",
        "read_csv('/etc/passwd') is null",
        "(select 1)",
        "stage = (select stage from opportunities)",
        "exists (select 1)",
        "cast(amount as double) > 0",
        "case when amount > 1 then 1 end",
        "amount > getvariable('x')",
        "stage like '%a'",
        "stage || 'x'",
        "$1 = 1",
        "getenv('HOME') is null",
        "stage = ?",
        "opportunities.stage = 'open'",
        "pragma_version",
        "amount % 2 = 0",
        "drop table opportunities",
        "1; drop table opportunities",
        "stage = 'open' -- and more\n; delete from opportunities",
        "amount =",
        "",
        "'",
    ],
)
def test_anything_else_is_refused_with_the_place_it_stands(expression: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        parse(expression, NAMES, where="x.toml: measures.count")

    assert refused.value.code.startswith("expression.")
    assert refused.value.where == "x.toml: measures.count"


def test_an_unknown_column_names_the_nearest() -> None:
    with pytest.raises(DeclarationError) as refused:
        parse("amountt > 1", NAMES, where="x.toml")

    assert refused.value.code == "expression.name"
    assert "`amount`" in refused.value.remedy


@given(st.text(max_size=40))
def test_a_text_becomes_one_literal_whatever_it_holds(text: str) -> None:
    memory = Memory({})

    if "\x00" not in text and all(not 0xD800 <= ord(letter) < 0xE000 for letter in text):
        shown = literal(text).sql(dialect="duckdb")
        assert memory.connection.execute(f"select {shown}").fetchall() == [(text,)]


@pytest.mark.parametrize(
    "value", [None, True, False, 3, Decimal("1.50"), date(2026, 3, 31), "x", "o'clock"]
)
def test_a_value_comes_back_from_its_literal(value: object) -> None:
    shown = literal(value).sql(dialect="duckdb")

    assert Memory({}).connection.execute(f"select {shown}").fetchall() == [(value,)]


def test_text_in_a_filter_is_compared_and_never_run() -> None:
    deal = {"opportunity_id": "o", "account_id": "a", "stage": "open", "is_qualified": True}
    rows = {
        "accounts": [{"account_id": "a", "segment": "smb"}],
        "opportunities": [
            deal | {"opportunity_type": "expansion", "amount_arr": Decimal(5), "currency": "USD"}
        ],
    }

    answer = metric(
        rows,
        "expansion_pipeline",
        as_of="2026-03-31",
        where={"segment": "smb' or '1'='1'; drop table opportunities; --"},
    )

    assert answer.components["count"] == 0
    assert metric(rows, "expansion_pipeline", as_of="2026-03-31").components["count"] == 1


def test_a_plan_reads_one_table_by_account_and_currency_without_division() -> None:
    declared = built_in().metrics["expansion_pipeline"]

    (plan,) = plans(declared, {"as_of": date(2026, 3, 31)})

    assert plan.measures == ("count", "potential_arr", "weighted_arr", "stale")
    assert "/" not in plan.text()
    assert "GROUP BY" in plan.text()
    assert "CAST('2026-03-31' AS DATE)" in plan.text()


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("a + b * 2", Decimal(7)),
        ("(a + b) / b", 2 / 1.5),
        ("a - b", Decimal(-2)),
        ("a / zero", None),
        ("a + unknown", None),
        ("3", Decimal(3)),
    ],
)
def test_a_value_is_exact_until_it_is_divided(expression: str, value: object) -> None:
    names = {"a": Decimal(1), "b": Decimal(3), "zero": 0, "unknown": None}

    found = evaluate(expression, names, where="x.toml: value")

    assert found == pytest.approx(value) if isinstance(value, float) else found == value
    assert type(found) is type(value)


def test_a_value_over_a_measure_nobody_declared_is_refused() -> None:
    with pytest.raises(DeclarationError):
        evaluate("a + c", {"a": 1}, where="x.toml: value")


def test_a_value_may_not_call_anything() -> None:
    with pytest.raises(DeclarationError):
        evaluate("sqrt(a)", {"a": 1}, where="x.toml: value")
