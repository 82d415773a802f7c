from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.kernel.days import (
    ONE_DAY,
    Period,
    add_months,
    last_complete_quarter,
    month_of,
    months_between,
    months_in,
    parse_day,
    quarter_of,
    quarter_start,
    trailing_months,
)
from tenure.kernel.errors import UserError

DAYS = st.dates(date(1990, 1, 1), date(2080, 12, 31))


def test_a_period_holds_its_first_day_and_not_its_end() -> None:
    quarter = Period(date(2026, 1, 1), date(2026, 4, 1))

    assert quarter.holds(date(2026, 1, 1))
    assert quarter.holds(date(2026, 3, 31))
    assert not quarter.holds(date(2026, 4, 1))
    assert quarter.opening_day == date(2025, 12, 31)
    assert quarter.last_day == date(2026, 3, 31)


@pytest.mark.parametrize("end", [date(2026, 1, 1), date(2025, 12, 31)])
def test_a_period_without_a_day_is_refused(end: date) -> None:
    with pytest.raises(UserError) as refused:
        Period(date(2026, 1, 1), end)

    assert refused.value.code == "period.empty"


def test_a_month_later_than_the_31st_is_the_months_last_day() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2026, 3, 31), -1) == date(2026, 2, 28)
    assert add_months(date(2026, 1, 15), -13) == date(2024, 12, 15)


@given(DAYS, st.integers(-240, 240))
def test_adding_months_moves_by_exactly_that_many_months(day: date, months: int) -> None:
    assert months_between(day, add_months(day, months)) == months


@given(DAYS, st.integers(1, 800))
def test_the_months_of_a_period_are_the_whole_period_once(start: date, length: int) -> None:
    period = Period(start, start + length * ONE_DAY)

    pieces = months_in(period)

    assert (pieces[0].start, pieces[-1].end) == (period.start, period.end)
    assert all(one.end == two.start for one, two in zip(pieces, pieces[1:], strict=False))
    assert all(month_of(piece.start) == month_of(piece.last_day) for piece in pieces)


@pytest.mark.parametrize(
    ("as_of", "start"),
    [
        (date(2026, 3, 31), date(2026, 1, 1)),
        (date(2026, 3, 30), date(2025, 10, 1)),
        (date(2026, 4, 1), date(2026, 1, 1)),
        (date(2026, 1, 1), date(2025, 10, 1)),
    ],
)
def test_the_last_complete_quarter_ends_on_the_day_asked_at_the_latest(
    as_of: date, start: date
) -> None:
    assert last_complete_quarter(as_of).start == start


@given(DAYS)
def test_the_last_complete_quarter_is_over_and_the_next_one_is_not(as_of: date) -> None:
    quarter = last_complete_quarter(as_of)

    assert quarter.last_day <= as_of < add_months(quarter.end, 3) - ONE_DAY
    assert quarter_start(quarter.start) == quarter.start


def test_trailing_months_end_at_the_last_complete_month_end() -> None:
    assert trailing_months(date(2026, 3, 31)) == Period(date(2025, 4, 1), date(2026, 4, 1))
    assert trailing_months(date(2026, 3, 30)) == Period(date(2025, 3, 1), date(2026, 3, 1))


def test_months_and_quarters_are_named_so_that_names_sort() -> None:
    assert (month_of(date(2026, 3, 9)), quarter_of(date(2026, 3, 9))) == ("2026-03", "2026-Q1")
    assert quarter_of(date(2026, 12, 31)) == "2026-Q4"


@pytest.mark.parametrize(
    "text",
    ["2026-02-30", "2026-3-1", "01.03.2026", "2026-W10-1", "20260301", "2026-03", "", "٢٠٢٦-٠٣-٠١"],
)
def test_what_is_not_written_as_a_day_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UserError) as refused:
        parse_day(text, where="--as-of")

    assert refused.value.code == "day.unreadable"
    assert "YYYY-MM-DD" in refused.value.remedy
    assert refused.value.where == "--as-of"


@given(DAYS)
def test_a_day_reads_back_from_its_text(day: date) -> None:
    assert parse_day(day.isoformat()) == day
