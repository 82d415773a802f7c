"""What came up for renewal and what became of it (G6, G7, G8)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from plain_facts import contract, day, line, links_of

from tenure.kernel.days import Period
from tenure.metrics.derived.contract_facts import Contract, Line
from tenure.metrics.derived.renewals_due import Due, renewals_due

YEAR = ("2025-01-01", "2026-01-01")
SPRING = Period(day("2025-12-01"), day("2026-06-01"))


def dues(
    contracts: list[Contract], lines: list[Line], as_of: str = "2026-06-01", **said: Any
) -> list[Due]:
    return renewals_due(
        {c.contract_id: c for c in contracts},
        lines,
        links_of(contracts, lines, as_of=day(as_of)),
        as_of=day(as_of),
        horizon=said.get("horizon", SPRING),
        grace_days=30,
    )


def test_a_contract_is_due_on_its_end_or_on_its_last_covered_day() -> None:
    one = contract("c", *YEAR)

    (due,) = dues([one], [line(one)])

    assert due.due_on("end_date") == day("2026-01-01")
    assert due.due_on("last_covered_day") == day("2025-12-31")


def test_a_contract_that_is_not_due_yet_is_in_no_sum() -> None:
    one = contract("c", *YEAR)

    assert dues([one], [line(one)], as_of="2025-12-30") == []
    assert len(dues([one], [line(one)], as_of="2026-01-01")) == 1


def test_a_contract_inside_grace_is_open_and_afterwards_lost() -> None:
    one = contract("c", *YEAR)

    (inside,) = dues([one], [line(one)], as_of="2026-01-30")
    (after,) = dues([one], [line(one)], as_of="2026-01-31")

    assert (inside.is_open, inside.is_renewed) == (True, False)
    assert (after.is_open, after.is_renewed) == (False, False)


def test_a_cancelled_contract_is_never_open() -> None:
    one = contract("c", *YEAR, status="cancelled")

    (due,) = dues([one], [line(one)], as_of="2026-01-02")

    assert not due.is_open


def test_an_early_renewal_stays_in_the_original_due_period_with_the_whole_renewable_arr() -> None:
    old = contract("c1", *YEAR)
    new = contract("c2", "2025-11-01", "2027-01-01", renews="c1", signed_on=day("2025-10-15"))

    (due,) = dues([old, new], [line(old, 100), line(new, 130)])

    assert (due.ends, due.renewable, due.renewed) == (
        day("2026-01-01"),
        {"USD": Decimal(100)},
        {"USD": Decimal(130)},
    )


def test_what_joins_the_renewal_later_is_mid_term_expansion() -> None:
    old = contract("c1", *YEAR)
    new = contract("c2", "2026-01-01", "2027-01-01", renews="c1")
    seats = line(new, 50, line_id="seats", start=day("2026-03-01"))

    (due,) = dues([old, new], [line(old, 100), line(new, 100), seats])

    assert due.renewed == {"USD": Decimal(100)}


def test_a_contract_that_renews_itself_is_due_every_term_at_the_same_arr() -> None:
    one = contract("c", *YEAR, is_auto_renewed=True)
    horizon = Period(day("2025-06-01"), day("2028-06-01"))

    found = dues([one], [line(one)], as_of="2028-06-01", horizon=horizon)

    assert [due.ends for due in found] == [day("2026-01-01"), day("2027-01-01"), day("2028-01-01")]
    assert all(due.is_renewed and due.renewed == due.renewable for due in found)


def test_a_term_that_began_on_the_31st_rolls_by_months_from_its_start() -> None:
    one = contract("c", "2025-08-31", "2026-02-28", is_auto_renewed=True)
    horizon = Period(day("2025-06-01"), day("2027-06-01"))

    found = dues([one], [line(one)], as_of="2027-06-01", horizon=horizon)

    assert [due.ends for due in found] == [day("2026-02-28"), day("2026-08-31"), day("2027-02-28")]


def test_a_multi_year_contract_is_not_due_before_its_end() -> None:
    one = contract("c", "2025-01-01", "2028-01-01")

    assert dues([one], [line(one)]) == []


def test_a_contract_without_paying_lines_is_not_due() -> None:
    one = contract("c", *YEAR)

    assert dues([one], [line(one, 0)]) == []


def test_a_co_termed_add_on_is_renewed_by_the_surplus_of_its_siblings_renewal() -> None:
    main, add_on = contract("c1", *YEAR), contract("c2", "2025-07-01", "2026-01-01")
    new = contract("c3", "2026-01-01", "2027-01-01", renews="c1")
    lines = [line(main, 120), line(add_on, 60), line(new, 150)]

    by_id = {due.contract_id: due for due in dues([main, add_on, new], lines)}

    assert by_id["c1"].renewed == {"USD": Decimal(120)}
    assert by_id["c2"].renewed == {"USD": Decimal(30)}
    assert by_id["c2"].is_renewed


def test_an_add_on_is_lost_when_only_the_original_quantity_renews() -> None:
    main, add_on = contract("c1", *YEAR), contract("c2", "2025-07-01", "2026-01-01")
    new = contract("c3", "2026-01-01", "2027-01-01", renews="c1")
    lines = [line(main, 120), line(add_on, 60), line(new, 120)]

    by_id = {due.contract_id: due for due in dues([main, add_on, new], lines)}

    assert not by_id["c2"].is_renewed


def test_a_renewal_not_yet_signed_is_not_known_before_it_starts_once_the_old_term_is_over() -> None:
    old = contract("c1", *YEAR)
    signed = contract("c2", "2026-01-20", "2027-01-01", renews="c1", signed_on=day("2026-01-15"))
    lines = [line(old), line(signed)]

    (before,) = dues([old, signed], lines, as_of="2026-01-14")
    (after,) = dues([old, signed], lines, as_of="2026-01-15")

    assert (before.is_open, before.is_renewed) == (True, False)
    assert (after.is_open, after.is_renewed) == (False, True)
