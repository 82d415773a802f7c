"""Expressions of metrics: what they may say, and that text a person typed is never run as SQL."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory import Memory, metric

from tenure.kernel.errors import DeclarationError
from tenure.metrics.compiler import Scope, literal, plans
from tenure.metrics.declaration import built_in
from tenure.metrics.expressions import final, parse, runner

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

    (plan,) = plans(declared, Scope({"as_of": date(2026, 3, 31)}, "UTC", lambda name: name))

    assert plan.measures == ("count", "potential_arr", "weighted_arr", "stale")
    assert "/" not in plan.text()
    assert "GROUP BY" in plan.text()
    assert "CAST('2026-03-31' AS DATE)" in plan.text()


NUMBERS = {
    "a": Decimal(1),
    "b": Decimal(3),
    "three": 3,
    "zero": 0,
    "unknown": None,
    "share": 0.85,
    "yes": True,
    "no": False,
    "day": date(2026, 3, 31),
    "before": date(2026, 1, 30),
}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("a + b * 2", Decimal(7)),
        ("(a + b) / b", 4 / 3),
        ("a - b", Decimal(-2)),
        ("a / zero", None),
        ("a + unknown", None),
        ("3", 3),
        ("three - 1", 2),
        ("day - before", 60),
        ("coalesce(unknown, day) - before >= 60", True),
        ("17 / 20 >= share", True),
        ("17 / 20 > 0.85", False),
        ("greatest(zero, three - 5)", 0),
        ("least(a, b)", Decimal(1)),
        ("-three", -3),
        ("abs(zero - three)", 3),
        ("ceil(7 / 2)", 4),
        ("floor(7 / 2)", 3),
        ("not yes", False),
        ("unknown and no", False),
        ("unknown and yes", None),
        ("unknown or yes", True),
        ("unknown > 1", None),
        ("unknown is null", True),
        ("three is not null", True),
        ("b / 2 + a", 2.5),
    ],
)
def test_a_value_is_exact_and_unknown_where_a_part_of_it_is(expression: str, value: object) -> None:
    found = final(runner(expression, NUMBERS, where="x.toml: value")(NUMBERS))

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("expression", ["a + c", "sqrt(a)", "a in (1, 2)", "lower('A')", "a +"])
def test_a_value_names_measures_and_calls_nothing_else(expression: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        runner(expression, NUMBERS, where="x.toml: value")

    assert refused.value.where == "x.toml: value"
