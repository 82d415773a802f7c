"""When a line is in force: late renewal and grace (G5), early renewal (G6), one sentence per rule."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from plain_facts import FAR, contract, day, line, links_of, spans_of

YEAR = ("2025-01-01", "2026-01-01")


def test_a_line_runs_from_its_start_to_the_day_before_its_end() -> None:
    one = contract("c", *YEAR, status="ended")

    span = spans_of([one], [line(one)])["c-1"]

    assert span.in_force(day("2025-01-01"), day("2026-06-01"))
    assert span.in_force(day("2025-12-31"), day("2026-06-01"))
    assert not span.in_force(day("2026-01-01"), day("2026-06-01"))
    assert not span.in_force(day("2024-12-31"), day("2026-06-01"))


def test_an_unrenewed_contract_stays_in_force_through_the_last_day_of_grace() -> None:
    one = contract("c", *YEAR)

    span = spans_of([one], [line(one)])["c-1"]

    assert span.in_force(day("2026-01-30"), day("2026-01-30"))
    assert span.is_late(day("2026-01-30"))
    assert not span.in_force(day("2026-01-31"), day("2026-01-31"))


def test_beyond_grace_the_end_is_the_old_end_also_for_days_inside_grace() -> None:
    one = contract("c", *YEAR)

    span = spans_of([one], [line(one)])["c-1"]

    assert span.in_force(day("2026-01-10"), day("2026-01-10"))
    assert not span.in_force(day("2026-01-10"), day("2026-01-31"))
    assert span.end_seen_from(day("2026-01-31")) == day("2026-01-01")


@pytest.mark.parametrize("said", [{"status": "cancelled"}, {"status": "ended"}, {"has_exit": True}])
def test_a_cancelled_or_ended_contract_has_no_grace(said: dict[str, object]) -> None:
    one = contract("c", *YEAR, **said)

    span = spans_of([one], [line(one)])["c-1"]

    assert not span.in_force(day("2026-01-01"), day("2026-01-01"))


def test_without_grace_days_a_contract_ends_on_its_end() -> None:
    one = contract("c", *YEAR)

    span = spans_of([one], [line(one)], grace_days=0)["c-1"]

    assert not span.in_force(day("2026-01-01"), day("2026-01-01"))


def test_a_late_renewal_inside_grace_is_bridged() -> None:
    old, new = contract("c1", *YEAR), contract("c2", "2026-01-20", "2027-01-01", renews="c1")

    span = spans_of([old, new], [line(old), line(new)])["c1-1"]

    assert span.end_seen_from(day("2026-06-01")) == day("2026-01-20")
    assert span.is_late(day("2026-01-10"))
    assert not span.is_late(day("2025-12-31"))


def test_a_renewal_on_the_last_day_that_grace_allows_is_bridged_and_one_day_later_is_not() -> None:
    old = contract("c1", *YEAR)
    for start, end in (("2026-01-31", "2026-01-31"), ("2026-02-01", "2026-01-01")):
        new = contract("c2", start, "2027-01-01", renews="c1")
        span = spans_of([old, new], [line(old), line(new)])["c1-1"]
        assert span.end_seen_from(day("2026-06-01")) == day(end)


def test_an_early_renewal_ends_its_predecessor_on_its_own_start() -> None:
    old, new = contract("c1", *YEAR), contract("c2", "2025-11-15", "2027-01-01", renews="c1")

    spans = spans_of([old, new], [line(old), line(new)])

    assert spans["c1-1"].settled_end == day("2025-11-15") == spans["c2-1"].start


def test_a_line_dropped_before_its_contracts_end_is_not_carried_by_grace() -> None:
    one = contract("c", *YEAR)

    span = spans_of([one], [line(one, end=day("2025-06-01"))])["c-1"]

    assert (span.settled_end, span.live_end) == (day("2025-06-01"), day("2025-06-01"))


def test_a_line_that_outlives_its_contract_ends_on_its_own_day() -> None:
    one = contract("c", *YEAR)

    span = spans_of([one], [line(one, end=day("2026-03-01"))])["c-1"]

    assert span.live_end == day("2026-03-01")


def test_an_evergreen_line_never_ends() -> None:
    one = contract("c", "2025-01-01", None)

    assert spans_of([one], [line(one)])["c-1"].end_seen_from(day("2050-01-01")) == FAR


def test_a_contract_that_renews_itself_rolls_on_without_paper() -> None:
    one = contract("c", *YEAR, is_auto_renewed=True)

    span = spans_of([one], [line(one)])["c-1"]

    assert span.in_force(day("2029-01-01"), day("2029-01-01"))
    assert not span.is_late(day("2029-01-01"))


def test_a_contract_that_renews_itself_ends_when_somebody_cancelled() -> None:
    one = contract("c", *YEAR, is_auto_renewed=True, status="cancelled")

    assert spans_of([one], [line(one)])["c-1"].settled_end == day("2026-01-01")


def test_a_rolling_contract_goes_on_until_its_successor_starts_however_late() -> None:
    old = contract("c1", *YEAR, is_auto_renewed=True)
    new = contract("c2", "2026-07-01", "2027-07-01", renews="c1")

    assert spans_of([old, new], [line(old), line(new)])["c1-1"].settled_end == day("2026-07-01")


def test_a_line_that_its_renewal_leaves_no_day_drops_out() -> None:
    old = contract("c1", "2025-01-01", "2026-01-01")
    new = contract("c2", "2025-06-01", "2027-01-01", renews="c1")
    late = line(old, line_id="late", start=day("2025-09-01"))

    assert set(spans_of([old, new], [line(old), late, line(new)])) == {"c1-1", "c2-1"}


def test_a_link_backwards_in_time_or_across_accounts_is_no_renewal() -> None:
    old = contract("c1", *YEAR)
    before = contract("c0", "2024-01-01", "2025-01-01", renews="c1")
    other = contract("c2", "2026-01-01", "2027-01-01", renews="c1", account_id="b")
    itself = contract("c3", "2026-01-01", "2027-01-01", renews="c3", account_id="d")

    lines = [line(c) for c in (old, before, other, itself)]
    assert [
        link
        for own in links_of([old, before, other, itself], lines).values()
        for link in own
        if not link.is_inferred
    ] == []


def test_a_renewal_without_a_link_is_inferred_and_marked() -> None:
    old, new = contract("c1", *YEAR), contract("c2", "2026-01-01", "2027-01-01")

    (link,) = links_of([old, new], [line(old), line(new)])["c1"]

    assert (link.successor, link.is_inferred) == ("c2", True)


@pytest.mark.parametrize(
    ("start", "is_renewal"),
    [("2025-10-02", False), ("2025-10-03", True), ("2026-01-31", True), ("2026-02-01", False)],
)
def test_an_inferred_renewal_starts_within_90_days_before_and_grace_after_the_end(
    start: str, is_renewal: bool
) -> None:
    old, new = contract("c1", *YEAR), contract("c2", start, "2027-06-01")

    assert ("c1" in links_of([old, new], [line(old), line(new)])) is is_renewal


def test_an_add_on_that_ends_with_its_sibling_is_not_taken_for_an_early_renewal() -> None:
    old, add_on = contract("c1", *YEAR), contract("c2", "2025-11-01", "2026-01-01")

    assert links_of([old, add_on], [line(old), line(add_on)]) == {}


def test_contracts_of_other_products_do_not_renew_each_other() -> None:
    old, new = contract("c1", *YEAR), contract("c2", "2026-01-01", "2027-01-01")
    lines = [line(old, product_id="core"), line(new, product_id="other")]

    assert links_of([old, new], lines) == {}


def test_renewals_are_inferred_one_to_one_and_the_nearest_first() -> None:
    first, second = contract("c1", *YEAR), contract("c2", "2025-02-01", "2026-01-11")
    near, far = (
        contract("c3", "2026-01-01", "2027-01-01"),
        contract("c4", "2026-01-15", "2027-01-15"),
    )
    all_of = [first, second, near, far]

    links = links_of(all_of, [line(c) for c in all_of])

    assert {p: [link.successor for link in own] for p, own in links.items()} == {
        "c1": ["c3"],
        "c2": ["c4"],
    }


def test_a_cancelled_contract_has_no_inferred_successor() -> None:
    old = contract("c1", *YEAR, status="cancelled")
    new = contract("c2", "2026-01-01", "2027-01-01")

    assert links_of([old, new], [line(old), line(new)]) == {}


def test_a_co_termed_add_on_goes_on_inside_its_siblings_renewal() -> None:
    main, add_on = contract("c1", *YEAR), contract("c2", "2025-07-01", "2026-01-01")
    renewal = contract("c3", "2026-01-01", "2027-01-01", renews="c1")
    all_of = [main, add_on, renewal]

    taken_in = [line(main), line(add_on), line(renewal, arr=200)]
    span = spans_of(all_of, taken_in)["c2-1"]

    assert span.end_seen_from(day("2026-01-10")) == day("2026-01-01")


def test_a_co_termed_add_on_that_its_siblings_renewal_leaves_out_has_its_own_grace() -> None:
    main, add_on = contract("c1", *YEAR), contract("c2", "2025-07-01", "2026-01-01")
    renewal = contract("c3", "2026-01-01", "2027-01-01", renews="c1")
    all_of = [main, add_on, renewal]

    span = spans_of(all_of, [line(c) for c in all_of])["c2-1"]

    assert span.end_seen_from(day("2026-01-10")) == FAR
    assert span.end_seen_from(day("2026-02-01")) == day("2026-01-01")


def test_notice_ends_a_contract_that_renews_itself_at_its_next_end() -> None:
    one = contract(
        "c", "2023-01-01", "2024-01-01", is_auto_renewed=True, notice_on=day("2024-06-01")
    )

    span = spans_of([one], [line(one)])["c-1"]

    assert span.end_seen_from(day("2024-12-31")) == FAR
    assert span.end_seen_from(day("2025-01-01")) == day("2025-01-01")


def test_notice_leaves_no_grace_from_the_day_it_was_given() -> None:
    one = contract("c", *YEAR, notice_on=day("2026-01-15"))

    span = spans_of([one], [line(one)])["c-1"]

    assert span.end_seen_from(day("2026-01-14")) == FAR
    assert span.end_seen_from(day("2026-01-15")) == day("2026-01-01")


def test_one_list_of_spans_answers_every_day_asked_from_every_later_day() -> None:
    one = contract("c", *YEAR)
    span = spans_of([one], [line(one)])["c-1"]
    days = [date(2025, 12, 1) + timedelta(days=n) for n in range(120)]

    for as_of in days:
        seen = [day for day in days if day <= as_of and span.in_force(day, as_of)]
        assert seen == [day for day in days if day <= as_of and day < span.end_seen_from(as_of)]
