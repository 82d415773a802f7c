"""Small marks keep their gaps, and a file runs nothing that a customer typed."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.reports.marks import HEIGHT, WIDTH, bars, spark_points
from tenure.reports.tables import STARTS, csv_text


def test_a_gap_in_a_line_stays_a_gap() -> None:
    stretches = list(spark_points([1, 2, None, 3, None], low=0, high=10))

    assert [len(points.split()) for points in stretches] == [2, 2]  # a lone value is a short dash


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), max_size=20))
def test_a_line_stays_inside_its_drawing(values: list[float | None]) -> None:
    for points in spark_points(values, low=0, high=100):
        for point in points.split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= WIDTH
            assert 0 <= y <= HEIGHT


def test_bars_begin_at_zero_and_a_missing_one_is_left_out() -> None:
    found = bars(
        [(50, "watch", "a"), (None, "unknown", "b"), (200, "healthy", "c")],
        high=100,
        width=300,
        height=100,
    )

    assert [(bar.x, bar.y, bar.height) for bar in found] == [(1, 50, 50), (201, 0, 100)]


@pytest.mark.parametrize("start", STARTS)
def test_a_text_that_begins_like_a_formula_is_text(start: str) -> None:
    (cell,) = next(csv.reader(io.StringIO(csv_text([f"{start}1+1"], []).removeprefix("\ufeff"))))

    assert cell.startswith("'")
    (cell,) = next(csv.reader(io.StringIO(csv_text([f"  {start}1+1"], []).removeprefix("\ufeff"))))
    assert cell.startswith("'") or start in "\t\r\n\0"


def test_numbers_stay_numbers_and_nothing_is_empty() -> None:
    from datetime import date
    from decimal import Decimal

    text = csv_text(["a"], [[-5], [Decimal("-1.50")], [None], [True], [date(2026, 1, 2)], ["−5"]])

    assert text.removeprefix("\ufeff").split("\r\n")[1:-1] == [
        "-5",
        "-1.50",
        '""',
        "yes",
        "2026-01-02",
        "−5",
    ]
