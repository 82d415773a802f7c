"""One account read alone is what everybody's reading says of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from metrics.memory import Memory
from tenure.kernel.days import Period
from tenure.kernel.errors import Bug
from tenure.metrics.asked import GRACE_DAYS
from tenure.metrics.derived.arr_movements import Ledger
from tenure.metrics.derived.seat_days import by_account
from tenure.metrics.own_account import reading_of, used_parts, used_weeks
from tenure.metrics.reading import Reading

DAY = date(2026, 3, 31)


def test_spans_movements_renewals_and_seats_of_each_account_are_the_same_alone(
    counting_company: Any,
) -> None:
    whole = counting_company.computed().reading
    values = {"as_of": DAY, "renewal_grace_days": GRACE_DAYS}
    period = Period(date(2024, 1, 1), DAY)
    spans, seats = whole.all_spans(GRACE_DAYS, DAY), by_account(whole, values)
    dues = whole.dues(as_of=DAY, period=period, grace_days=GRACE_DAYS)
    rate = whole.rate_on(DAY, "USD")
    everybody = Ledger(whole.changes(DAY, GRACE_DAYS), rate)
    compared = 0
    for account in whole.accounts():
        own = reading_of(whole, account)
        mine = own.all_spans(GRACE_DAYS, DAY)
        assert {(s.line.line_id, s.start, s.settled_end, s.live_end) for s in mine} == {
            (s.line.line_id, s.start, s.settled_end, s.live_end)
            for s in spans
            if s.account_id == account
        }
        assert Ledger(own.changes(DAY, GRACE_DAYS), rate).moves(account) == everybody.moves(account)
        assert own.dues(as_of=DAY, period=period, grace_days=GRACE_DAYS) == [
            due for due in dues if due.account_id == account
        ]
        assert by_account(own, values).get(account) == seats.get(account)
        compared += len(mine)

    assert compared > 20


def test_a_line_that_names_only_its_contract_belongs_to_the_contracts_account() -> None:
    term = {"start_date": date(2026, 1, 1), "end_date": date(2027, 1, 1), "currency": "USD"}
    facts = Memory({
        "accounts": [{"account_id": "a"}, {"account_id": "b"}],
        "contracts": [{"contract_id": "c1", "account_id": "a"} | term, {"contract_id": "c2", "account_id": "b"} | term],
        "contract_lines": [{"line_id": f"l{n}", "contract_id": f"c{n}", "arr": Decimal(n), "kind": "recurring"} | term for n in (1, 2)],
    })  # fmt: skip
    own = reading_of(Reading(facts, "USD"), "a")

    assert [row["line_id"] for row in own.rows("contract_lines")] == ["l1"]
    assert [span.line.line_id for span in own.spans(GRACE_DAYS, DAY)] == ["l1"]
    with pytest.raises(Bug, match="never queried"):
        own.query("select 1")


def used(**tables: list[dict[str, Any]]) -> Reading:
    day = date(2026, 3, 4)  # a Wednesday
    rows = [
        {"account_id": "a", "product_user_id": "x", "usage_date": day, "feature_id": "f", "event_count": 3},
        {"account_id": "a", "product_user_id": "y", "usage_date": day, "feature_id": "g", "event_count": 0},
        {"account_id": "a", "product_user_id": "us", "usage_date": day, "feature_id": "f", "event_count": 50},
        {"account_id": "a", "product_user_id": "x", "usage_date": date(2026, 1, 1), "feature_id": "f", "event_count": 4},
        {"account_id": "b", "product_user_id": "x", "usage_date": day, "feature_id": "f", "event_count": 99},
        {"account_id": "a", "product_user_id": "x", "usage_date": date(2026, 4, 1), "feature_id": "f", "event_count": 99},
    ]  # fmt: skip
    return Reading(Memory({"usage_daily": rows, **tables}), "USD")


PEOPLE = [
    {"product_user_id": "x", "account_id": "a", "department": "Finance", "is_internal": False},
    {"product_user_id": "us", "account_id": "a", "department": "Ours", "is_internal": True},
]


def test_weeks_of_usage_leave_out_our_own_people_other_accounts_and_days_after() -> None:
    weeks, first = used_weeks(used(product_users=PEOPLE), "a", date(2026, 3, 2), DAY)

    assert (weeks, first) == ({date(2026, 3, 2): (3, 1)}, date(2026, 1, 1))
    assert used_weeks(used(), "a", date(2026, 3, 2), DAY)[0] == {date(2026, 3, 2): (53, 2)}
    assert used_weeks(used(), "nobody", date(2026, 3, 2), DAY) == ({}, None)
    assert used_weeks(Reading(Memory({"accounts": []}), "USD"), "a", DAY, DAY) == ({}, None)


def test_features_and_departments_stand_with_as_long_a_time_before() -> None:
    names = [{"feature_id": "f", "name": "Reports"}]
    features, departments = used_parts(used(product_users=PEOPLE, features=names), "a", DAY, 60)

    assert sorted(features) == [("Reports", 3, 1, 4), ("g", 0, 0, 0)]
    assert departments == [("Finance", 3, 1, 4)]
    assert used_parts(used(), "a", DAY, 60)[1] == []
    assert used_parts(Reading(Memory({"accounts": []}), "USD"), "a", DAY, 60) == ([], [])
