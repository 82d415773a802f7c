"""Functions of many days where sizes are extreme, tables are missing, or a declaration is a customer's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from memory import Memory, metric
from own_declarations import HEADER, URGENT, changed, code_of

from tenure.metrics.compute import Computed
from tenure.metrics.declaration import built_in
from tenure.metrics.history.made import WHY, history
from tenure.metrics.questions import Defaults
from tenure.metrics.reading import Reading

AS_OF = date(2026, 3, 31)
WEEKS = [AS_OF - timedelta(days=7 * back) for back in (20, 2, 1, 0)]
Rows = dict[str, list[dict[str, Any]]]


def told(rows: Rows, name: str, *, over: bool = True, days: Sequence[date] = WEEKS) -> list[Any]:
    """What a history says of account A, day by day: each part and its reason."""
    memory = Memory(rows)
    computed = Computed(memory, Reading(memory, "USD", catalogue=built_in()))
    declared = built_in().metrics[name]
    declared = declared if over else replace(declared, answer_over="")
    made = history([declared], days, computed, Defaults(AS_OF, "USD"))
    listed = ", ".join(f'"{c}", "{c}{WHY}"' for c in made.columns)
    return memory.query(
        f"select {listed} from ({made.query}) where account_id = 'A' order by as_of"
    )


def consuming(quantity: str, *units: str) -> Rows:
    """Account A with so many units bought, and used on the last days one after the other."""
    last = [AS_OF - timedelta(days=back) for back in reversed(range(len(units)))]
    line = {"line_id": "L", "account_id": "A", "unit": "credit", "quantity": Decimal(quantity)}
    return {
        "accounts": [{"account_id": "A", "name": "A", "start_date": date(2025, 1, 1)}],
        "contract_lines": [
            {**line, "arr": Decimal(1), "start_date": date(2025, 1, 1), "end_date": date(2026, 12, 31)}
        ],
        "usage_daily": [
            {"account_id": "A", "usage_date": day, "units": Decimal(amount), "event_count": 1}
            for day, amount in zip(last, units, strict=True)
        ],
    }  # fmt: skip


def test_a_day_that_no_calendar_holds_is_unknown_and_stops_nothing():
    rows = consuming("1000000000", "1", "0")
    answer = metric(rows, "burn_rate_forecast", as_of=AS_OF)
    entry = answer.components["by_account"]["A"]
    assert entry["days_to_exhaustion"] == 999_999_999 * 28
    assert entry["exhaustion_date"] is None
    assert answer.reasons["by_account.A.exhaustion_date"] == "undefined"
    columns = told(rows, "burn_rate_forecast")
    assert columns == told(rows, "burn_rate_forecast", over=False)
    assert (None, "undefined") in zip(columns[-1][::2], columns[-1][1::2], strict=True)


@pytest.mark.parametrize("amount", ["123456789012.345678", "99999999999.000001", "0.000001"])
def test_units_too_many_for_a_double_are_divided_as_fractions_are(amount: str):
    rows = consuming("987654321012.345678", amount, amount, "3.1")
    assert told(rows, "burn_rate_forecast") == told(rows, "burn_rate_forecast", over=False)
    assert told(rows, "burn_rate_forecast")[-1][0] is not None


@pytest.mark.parametrize("events", [3 * 10**14, 3 * 10**17])
def test_events_too_many_for_a_double_swing_as_whole_numbers_do(events: int):
    rows = consuming("1", *["1"] * 90)
    for number, row in enumerate(rows["usage_daily"]):
        row["event_count"] = events + number**5
    found = told(rows, "usage_consistency")
    assert found == told(rows, "usage_consistency", over=False)
    assert [row[0] is not None for row in found] == [False, True, True, True]


@pytest.mark.parametrize("name", sorted(m.id for m in built_in() if m.answer_over))
def test_without_its_tables_every_day_is_no_data(name: str):
    rows = {"accounts": consuming("1", "1")["accounts"]}
    found = told(rows, name)
    assert found == told(rows, name, over=False)
    assert len(found) == len(WEEKS)
    for row in found:
        assert set(row[::2]) == {None}
        assert set(row[1::2]) == {"no_data"}


def test_a_metric_of_ones_own_may_take_the_function_of_many_days_with_the_answer():
    days = built_in().metrics["days_to_renewal"]
    own = f"""{HEADER}needs = ["contracts"]
answer = "{days.answer}"
ANSWER_OVER
[components]
by_account = "days"
cancelled = "list"
[parameters.renewal_grace_days]
type = "int"
default = 30
says = "Grace."
[history]
by_account = "int"
"""
    assert code_of(own.replace("ANSWER_OVER", f'answer_over = "{days.answer_over}"')) == ""
    assert code_of(own.replace("ANSWER_OVER", "")) == ""
    assert (
        code_of(own.replace("ANSWER_OVER", 'answer_over = "python:os.system"'))
        == "declaration.name"
    )
    other = 'answer_over = "python:seats.seat_utilization"'
    assert code_of(own.replace("ANSWER_OVER", other)) == "declaration.name"


def test_a_metric_of_measures_has_no_function_of_many_days():
    text = changed(URGENT, ('value    = "urgent"', 'value = "urgent"\nanswer_over = "python:a.b"'))
    assert code_of(text) == "declaration.answer"
