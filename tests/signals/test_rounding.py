"""Round lines: inside what the data leave open, and the strictness that moves fewest rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.signals.thresholds.lines import Line, Zone
from tenure.signals.thresholds.rounding import Scale, Unrounded, rounded

WHOLE = np.arange(0.0, 100.0)


def line(value: float, low: float, high: float, *, below: bool, whole: bool = False, days: bool = False,
         known: np.ndarray = WHOLE) -> Line:  # fmt: skip
    return rounded(Unrounded(value, low, high), Scale(np.sort(known), whole, days), below=below)


@pytest.mark.parametrize(
    ("value", "low", "high", "below", "whole", "days", "expected"),
    [
        (19.3, 16.0, 24.0, True, False, False, Line(20.0, "<")),
        (30.5, 27.5, 33.5, False, True, True, Line(30.0, ">")),
        (30.5, 30.5, 30.5, False, True, False, Line(30.0, ">")),
        (30.5, 30.5, 30.5, True, True, False, Line(31.0, "<")),
        (12.5, 5.5, 20.5, True, True, True, Line(14.0, "<")),
        (88.0, 80.0, 99.0, False, False, True, Line(90.0, ">")),
        (52.4, 48.8, 54.6, False, False, False, Line(52.5, ">")),
        (0.1932, 0.16, 0.24, True, False, False, Line(0.2, "<")),
        (183_000.0, 150_000.0, 260_000.0, True, False, False, Line(200_000.0, "<")),
        (-3.9, -6.0, -2.0, True, False, False, Line(-4.0, "<")),
        (0.3, -2.0, 2.0, True, False, False, Line(0.0, "<")),
    ],
)  # fmt: skip
def test_a_line_is_the_roundest_within_a_quarter_of_the_interval(
    value: float, low: float, high: float, below: bool, whole: bool, days: bool, expected: Line
) -> None:
    known = WHOLE if whole else np.linspace(low - 1, high + 1, 777)
    found = line(value, low, high, below=below, whole=whole, days=days, known=known)

    assert found.value == expected.value
    assert found.sign[0] == expected.sign[0]


def test_strictness_moves_as_few_rows_as_possible_and_is_strict_without_a_difference() -> None:
    many_at_20 = np.array([10.0] * 20 + [20.0] * 30 + [30.0] * 20)

    assert line(21.0, 18, 24, below=True, known=many_at_20) == Line(20.0, "<=")
    assert line(19.0, 16, 24, below=True, known=many_at_20) == Line(20.0, "<")
    assert line(19.0, 16, 24, below=False, known=many_at_20) == Line(20.0, ">=")
    assert line(21.0, 18, 24, below=False, known=many_at_20) == Line(20.0, ">")
    assert line(19.6, 16, 24, below=True, known=np.array([1.0, 2.0, 90.0])) == Line(20.0, "<")


@given(
    st.floats(-1e6, 1e6), st.floats(1e-3, 1e5), st.floats(1e-3, 1e5), st.booleans(), st.booleans()
)
def test_a_round_line_stays_inside_the_interval_and_near_the_estimate(
    value: float, less: float, more: float, below: bool, days: bool
) -> None:
    low, high = value - less, value + more
    found = line(value, low, high, below=below, days=days)

    assert low <= found.value <= high
    assert abs(found.value - value) <= (high - low) / 4 * (1 + 1e-9)
    assert found.below == below


@given(st.integers(-500, 500), st.integers(1, 200), st.integers(1, 200), st.booleans())
def test_whole_numbers_get_whole_lines(cut: int, less: int, more: int, below: bool) -> None:
    found = line(cut + 0.5, cut + 0.5 - less, cut + 0.5 + more, below=below, whole=True)

    assert found.value == int(found.value)


def test_a_line_and_its_opposite_share_every_known_value_between_them() -> None:
    values = np.array([1.0, 2.0, 3.0, np.nan])
    for sign in ("<", "<=", ">", ">="):
        one = Line(2.0, sign)  # type: ignore[arg-type]
        other = one.opposite()
        assert (one.beyond(values) ^ other.beyond(values)).tolist() == [True, True, True, False]


def test_a_zone_without_lines_holds_nothing() -> None:
    assert Zone(()).holds(np.array([1.0])).tolist() == [False]
