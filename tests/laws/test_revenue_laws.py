"""What must hold for the revenue numbers of every company."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, seed, settings

from laws.worlds import (
    AS_OF,
    CAREFUL,
    END,
    IN_MEMORY_AND_BY_NIGHT_IN_A_LAKE,
    SEED,
    START,
    Held,
    companies,
)
from oracles.days import add_months

FEW = settings(CAREFUL, max_examples=8)
UP, DOWN = ("new", "expansion", "reactivation"), ("downsell", "churn")
EVERY_CURRENCY = ("USD", "EUR")
SEGMENTS = ("smb", "mid_market", "enterprise")


def rollforward(ws: Any, start: date, end: date, **more: Any) -> dict[str, Decimal]:
    return ws.metric(
        "arr_movements", start=start, end=end, as_of=AS_OF, view="rollforward", **more
    ).components


def months(start: date, end: date) -> list[tuple[date, date]]:
    found = []
    while start < end:
        found.append((start, add_months(start, 1)))
        start = add_months(start, 1)
    return found


@IN_MEMORY_AND_BY_NIGHT_IN_A_LAKE
@seed(SEED)
@FEW
@given(companies(currencies=EVERY_CURRENCY))
def test_opening_plus_movements_plus_currency_is_closing(held: Held, rows: Any):
    with held(rows) as ws:
        flow = rollforward(ws, START, END)
        ups, downs = sum(flow[name] for name in UP), sum(flow[name] for name in DOWN)
        assert flow["opening_arr"] + ups - downs + flow["fx"] == flow["closing_arr"]
        by_month = ws.metric(
            "arr_movements", start=START, end=END, as_of=AS_OF, by="month"
        ).components["by_month"]
        for name in UP + DOWN:
            moved = sum(month[name]["arr_delta"] for month in by_month.values() if name in month)
            assert abs(moved) == flow[name]


@IN_MEMORY_AND_BY_NIGHT_IN_A_LAKE
@seed(SEED)
@FEW
@given(companies())
def test_the_months_of_a_year_add_up_to_the_year_and_meet_at_their_edges(held: Held, rows: Any):
    with held(rows) as ws:
        year = rollforward(ws, START, END)
        pieces = [rollforward(ws, first, after) for first, after in months(START, END)]
        for name in UP + DOWN:
            assert sum(piece[name] for piece in pieces) == year[name]
        for before, after in zip(pieces, pieces[1:], strict=False):
            assert before["closing_arr"] == after["opening_arr"]
        assert (pieces[0]["opening_arr"], pieces[-1]["closing_arr"]) == (
            year["opening_arr"],
            year["closing_arr"],
        )


@IN_MEMORY_AND_BY_NIGHT_IN_A_LAKE
@seed(SEED)
@FEW
@given(companies(currencies=EVERY_CURRENCY))
def test_the_ledger_of_each_account_is_a_chain_that_ends_in_its_balance(held: Held, rows: Any):
    with held(rows) as ws:
        moves = ws.metric("arr_movements", as_of=AS_OF).components["movements"]
        balance: dict[str, Decimal] = defaultdict(Decimal)
        for row in sorted(moves, key=lambda row: str(row["movement_date"])):
            assert row["arr_before"] == balance[row["account_id"]]
            assert row["arr_before"] + row["arr_delta"] == row["arr_after"]
            balance[row["account_id"]] = row["arr_after"]
        held = ws.metric("arr_in_force", as_of=AS_OF).components
        assert {name: arr for name, arr in balance.items() if arr} == {
            name: arr for name, arr in held["arr_by_account"].items() if arr
        }
        assert sum(balance.values(), Decimal(0)) == held["arr"]


@IN_MEMORY_AND_BY_NIGHT_IN_A_LAKE
@seed(SEED)
@FEW
@given(companies(currencies=EVERY_CURRENCY))
def test_gross_retention_is_at_most_one_and_at_most_net_retention(held: Held, rows: Any):
    with held(rows) as ws:
        found = ws.metric("nrr", start=START, end=END, as_of=AS_OF).components
        assume(found["nrr"] is not None)
        assert 0 <= found["grr"] <= 1
        assert found["grr"] <= found["nrr"]
        assert found["expansion_rate"] == pytest.approx(found["nrr"] - found["grr"], abs=1e-12)


@IN_MEMORY_AND_BY_NIGHT_IN_A_LAKE
@seed(SEED)
@FEW
@given(companies())
def test_both_retention_methods_agree_on_net_retention_when_nobody_returns(held: Held, rows: Any):
    with held(rows) as ws:
        asked = {"start": START, "end": END, "as_of": AS_OF}
        kinds = {
            row["movement_type"]
            for row in ws.metric("arr_movements", **asked).components["movements"]
        }
        assume("reactivation" not in kinds)
        net, gross = (
            ws.metric("nrr", method=method, **asked).value
            for method in ("period_net", "gross_flows")
        )
        assert net == (gross if gross is None else pytest.approx(gross, abs=1e-12))


@IN_MEMORY_AND_BY_NIGHT_IN_A_LAKE
@seed(SEED)
@FEW
@given(companies(currencies=EVERY_CURRENCY))
def test_cuts_by_owner_add_up_to_the_whole(held: Held, rows: Any):
    with held(rows) as ws:
        whole = ws.metric("arr_in_force", as_of=AS_OF).components["arr"]
        books = ws.metric("arr_per_csm", as_of=AS_OF).components
        assert sum(books["by_csm"].values(), books["unassigned"]) == whole
        grown = ws.metric("quarterly_expansion_revenue", start=START, end=END, as_of=AS_OF)
        assert sum(grown.components["by_csm"].values()) == grown.value
        assert sum(grown.components["by_account"].values()) == grown.value


@IN_MEMORY_AND_BY_NIGHT_IN_A_LAKE
@seed(SEED)
@FEW
@given(companies(currencies=EVERY_CURRENCY))
def test_cuts_by_segment_add_up_to_the_whole(held: Held, rows: Any):
    for account in rows["accounts"]:
        account["segment"] = account["segment"] or "smb"
    with held(rows) as ws:
        whole = rollforward(ws, START, END)
        parts = [rollforward(ws, START, END, where={"segment": segment}) for segment in SEGMENTS]
        for name in ("opening_arr", *UP, *DOWN, "fx", "closing_arr"):
            assert sum(part[name] for part in parts) == whole[name]
        rates = ws.metric("nrr", start=START, end=END, as_of=AS_OF, by="segment").components[
            "nrr_by_segment"
        ]
        assume(whole["nrr"] is not None)
        weighted = [
            rates[segment] * float(part["opening_arr"])
            for segment, part in zip(SEGMENTS, parts, strict=True)
            if part["opening_arr"]
        ]
        assert sum(weighted) == pytest.approx(whole["nrr"] * float(whole["opening_arr"]), rel=1e-9)


@IN_MEMORY_AND_BY_NIGHT_IN_A_LAKE
@seed(SEED)
@FEW
@given(companies())
def test_every_new_customer_is_in_exactly_one_cohort_of_each_cut(held: Held, rows: Any):
    with held(rows) as ws:
        asked = {"start": START, "end": END, "as_of": AS_OF}
        moves = ws.metric("arr_movements", **asked).components["movements"]
        came = sum(1 for row in moves if row["movement_type"] == "new")
        for cut in ("month", "quarter", "segment"):
            cohorts = ws.metric("churn_rate_by_cohort", by=cut, **asked).components["cohorts"]
            assert sum(cohort["size"] for cohort in cohorts.values()) == came
