"""How long is left is said only where there is ground for it."""

from __future__ import annotations

from tenure.metrics.history.pace import Pace


def test_a_first_run_says_nothing_until_half_is_done() -> None:
    pace = Pace({"team": 10, "health": 20, "usage": 30}, {})
    assert pace.left() is None
    pace.done("team", 5.0)
    assert pace.left() is None
    pace.done("health", 10.0)
    assert (pace.share, pace.left()) == (0.5, 15.0)


def test_a_later_run_goes_by_the_pace_of_the_one_before() -> None:
    pace = Pace({"team": 10, "usage": 30}, {"team": 0.5, "usage": 2.0})
    assert pace.left() == 65.0


def test_a_slow_machine_is_slow_for_the_rest_as_well() -> None:
    pace = Pace({"team": 10, "usage": 30}, {"team": 0.5, "usage": 2.0})
    pace.done("team", 10.0)
    assert pace.left() == 120.0


def test_parts_with_nothing_to_do_take_no_time() -> None:
    pace = Pace({"team": 0, "usage": 4}, {"usage": 1.0})
    assert pace.left() == 4.0
    pace.done("usage", 2.0)
    assert (pace.left(), pace.of("usage"), pace.of("team")) == (0.0, 0.5, 0.0)
