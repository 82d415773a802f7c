"""The oracle against cases small enough for a pencil, so that a wrong oracle is noticed. Nothing of Tenure runs here."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from oracles.book import arr_in_force, days_to_renewal
from oracles.company import company, seeded
from oracles.growth import clv, expansion_revenue
from oracles.ledger import movement_rows, rollforward
from oracles.links import successors
from oracles.plain import account, contract, line, rows_of
from oracles.reading import UNDEFINED, MissingRate, read
from oracles.renewals import look, renewal_rates
from oracles.retention import cohorts, quarters, retention

JAN23, JAN24, JAN25, JAN26 = (date(year, 1, 1) for year in (2023, 2024, 2025, 2026))


def kinds(rows: dict, as_of: date) -> list[tuple]:
    moves = movement_rows(look(read(rows), as_of))
    return [(row["movement_date"], row["movement_type"], row["arr_delta"]) for row in moves]


def test_a_renewal_inside_grace_moves_only_the_difference_on_the_new_start():
    rows = rows_of(
        contract("one", JAN23, JAN24, 1000),
        contract("two", date(2024, 1, 21), JAN25, 1200, renews_contract_id="one"),
    )
    assert kinds(rows, date(2024, 6, 30)) == [
        (JAN23, "new", 1000),
        (date(2024, 1, 21), "expansion", 200),
    ]
    on_tenth = look(read(rows), date(2024, 1, 10))
    assert arr_in_force(on_tenth)["status"] == {"A": "late_renewal"}
    assert days_to_renewal(on_tenth) == {"A": -9}


def test_a_renewal_beyond_grace_is_churn_at_the_old_end_and_a_return():
    rows = rows_of(
        contract("one", JAN23, JAN24, 1000),
        contract("two", date(2024, 2, 1), JAN25, 1200, renews_contract_id="one"),
    )
    assert kinds(rows, date(2024, 6, 30)) == [
        (JAN23, "new", 1000),
        (JAN24, "churn", -1000),
        (date(2024, 2, 1), "reactivation", 1200),
    ]
    rates = renewal_rates(look(read(rows), date(2024, 6, 30)), JAN24, JAN25)
    assert (rates["renewable_arr"], rates["renewed_arr"], rates["churn"]) == (1000, 0, 1000)
    assert rates["open_arr"] == 0


def test_an_early_renewal_replaces_its_predecessor_and_counts_when_that_was_due():
    rows = rows_of(
        contract("one", JAN23, JAN24, 1000),
        contract("two", date(2023, 11, 1), date(2024, 11, 1), 900),
    )
    view = look(read(rows), date(2024, 6, 30))
    assert kinds(rows, date(2024, 6, 30)) == [
        (JAN23, "new", 1000),
        (date(2023, 11, 1), "downsell", -100),
    ]
    rates = renewal_rates(view, JAN24, date(2024, 4, 1))
    assert (rates["renewable_arr"], rates["renewed_arr"], rates["downsell"]) == (1000, 900, 100)
    assert rates["gross_renewal_rate"] == Fraction(9, 10)


def test_a_co_termed_add_on_lives_on_in_the_contract_that_follows_its_sibling():
    rows = rows_of(
        contract("one", JAN23, JAN24, 1000),
        contract("add", date(2023, 7, 1), JAN24, 600),
        contract("two", JAN24, JAN25, 1400, renews_contract_id="one"),
    )
    view = look(read(rows), date(2024, 1, 15))
    assert arr_in_force(view)["arr"] == 1400
    rates = renewal_rates(view, JAN24, date(2024, 4, 1))
    assert rates["renewable_arr"] == 1600
    assert (rates["renewed_arr"], rates["downsell"], rates["expansion_at_renewal"]) == (
        1400,
        200,
        0,
    )
    assert rates["gross_renewal_rate"] == Fraction(7, 8)


def test_retention_counts_a_return_differently_under_its_two_methods():
    rows = rows_of(
        contract("one", JAN23, date(2024, 4, 1), 1000),
        contract("two", date(2024, 9, 1), JAN26, 1500),
        contract("b", JAN23, JAN26, 500, account_id="B"),
    )
    view = look(read(rows), date(2025, 6, 30))
    net = retention(view, JAN24, JAN25)
    gross = retention(view, JAN24, JAN25, method="gross_flows")
    assert (net["nrr"], net["grr"], net["expansion"]) == (Fraction(2000, 1500), 1, 500)
    assert (gross["nrr"], gross["grr"], gross["churn"]) == (Fraction(1, 3), Fraction(1, 3), 1000)
    assert (net["reactivation_excluded"], gross["reactivation_excluded"]) == (0, 1500)
    assert quarters(view, JAN24, JAN25)[0] == [1, Fraction(1, 3), 1, 1]


def test_currency_is_a_row_of_its_own_and_a_missing_rate_is_not_a_number():
    rates = [
        {"rate_date": day, "from_currency": "EUR", "to_currency": "USD", "rate": Decimal(rate)}
        for day, rate in ((date(2023, 12, 30), "1.1"), (date(2024, 12, 31), "1.2"))
    ]
    euro = account("A", currency="EUR")
    rows = rows_of(contract("one", JAN23, JAN26, 1000), accounts=[euro], fx_rates=rates)
    flow = rollforward(look(read(rows), date(2025, 6, 30)), JAN24, JAN25)
    assert (flow["opening_arr"], flow["fx"], flow["closing_arr"]) == (1100, 100, 1200)
    with pytest.raises(MissingRate):
        rollforward(look(read(rows), date(2025, 6, 30)), JAN23 + timedelta(days=90), JAN25)


def test_a_contract_that_renews_itself_falls_due_again_until_notice_is_given():
    rows = rows_of(contract("one", JAN23, date(2023, 7, 1), 1000, auto_renew=True))
    view = look(read(rows), date(2024, 3, 1))
    rates = renewal_rates(view, JAN23, JAN25)
    assert (rates["renewable_arr"], rates["renewed_arr"], rates["open_arr"]) == (2000, 2000, 0)
    assert days_to_renewal(view) == {"A": 122}
    rows["contracts"][0]["notice_date"] = date(2024, 5, 1)
    assert kinds(rows, date(2024, 7, 1))[-1] == (date(2024, 7, 1), "churn", -1000)


def test_a_cohort_keeps_its_size_and_shows_who_came_back():
    rows = rows_of(
        contract("one", date(2024, 1, 10), date(2024, 1, 20), 100, status="ended"),
        contract("two", date(2024, 3, 1), JAN25, 100),
        contract("b", date(2024, 1, 5), JAN25, 300, account_id="B"),
    )
    found = cohorts(look(read(rows), date(2024, 3, 31)), JAN24, date(2024, 5, 1))["2024-01"]
    assert found["size"] == 2
    assert found["active_by_month_offset"][:3] == [1, 1, 2]
    assert found["active_by_month_offset"][3] not in (0, 1, 2)
    assert found["arr_initial"] == 400


def test_a_ramp_step_is_expansion_that_can_be_left_out():
    rows = rows_of(contract("one", JAN23, JAN25, 1000))
    rows["contract_lines"][0]["end_date"] = JAN24
    rows["contract_lines"].append(line("l2", "one", 1500, start_date=JAN24, reason="ramp"))
    view = look(read(rows), date(2024, 6, 30))
    assert expansion_revenue(view, JAN24, date(2024, 4, 1))["value"] == 500
    assert expansion_revenue(view, JAN24, date(2024, 4, 1), include_ramp=False)["value"] == 0


def test_lifetime_value_is_unknown_while_nobody_leaves():
    rows = rows_of(*(contract(f"c{n}", JAN23, JAN25, 1200, account_id=f"A{n}") for n in range(4)))
    assert clv(look(read(rows), date(2024, 6, 30)), margin=Fraction(4, 5))["value"] == UNDEFINED
    rows["contracts"][0] |= {"end_date": date(2024, 6, 10), "status": "cancelled"}
    found = clv(look(read(rows), date(2024, 6, 30)), margin=Fraction(4, 5))
    assert (found["arpa_month"], found["monthly_logo_churn"]) == (100, Fraction(1, 4))
    assert found["value"] == 320


@pytest.mark.parametrize("seed", range(12))
def test_a_calm_company_leaves_nothing_to_inference(seed: int):
    rows = company(seeded(seed), calm=True)
    after = successors(read(rows), date(2025, 12, 31), 30)
    assert all(one.renews for found in after.values() for one in found)
