"""What counts as moved: beyond one point of a scale or two per cent of what it was, and never by the calendar alone."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tenure.insights.moved import Moves, moves, nearest
from tenure.metrics.declaration import built_in

THEN, NOW = date(2026, 3, 1), date(2026, 6, 7)
ELAPSED = (NOW - THEN).days


def moved(then: dict[str, Any], now: dict[str, Any], *between: dict[str, Any]) -> Moves:
    names = [name for name in then if not name.endswith("__why")]
    rows = [
        {"as_of": day, "account_id": "a", **values}
        for day, values in [
            (THEN, then),
            *((THEN + timedelta(weeks=n + 1), one) for n, one in enumerate(between)),
            (NOW, now),
        ]
    ]
    return moves(rows, [built_in().find(name)[0] for name in names], THEN, NOW)


@pytest.mark.parametrize(
    ("metric", "then", "now", "way"),
    [
        ("active_user_pct", 0.50, 0.509, None),
        ("active_user_pct", 0.50, 0.489, "worse"),
        ("health_score", Decimal(60), Decimal(61), None),
        ("health_score", Decimal(60), Decimal("61.5"), "better"),
        ("arr_in_force", Decimal(100_000), Decimal(102_000), None),
        ("arr_in_force", Decimal(100_000), Decimal(102_001), "better"),
        ("sentiment", 0.0, 0.02, None),
        ("sentiment", 0.0, -0.03, "worse"),
        ("multi_threading", 0, 1, "better"),
        ("days_past_cadence", 10, 30, "worse"),
        ("support_ticket_trend", 0.1, 0.5, ""),
        ("qbr_held", True, True, None),
        ("qbr_held", True, False, "worse"),
        ("falling_before_renewal", False, True, "worse"),
    ],
)
def test_a_number_moved_beyond_its_band_and_the_metric_says_which_way_is_good(
    metric: str, then: Any, now: Any, way: str | None
) -> None:
    found = moved({metric: then}, {metric: now})

    assert [move.way for move in found.moved] == ([] if way is None else [way])
    assert found.steady == (way is None)


def test_days_that_only_count_down_are_no_move_and_days_that_only_count_on_say_so() -> None:
    renewal = moved({"days_to_renewal": 200}, {"days_to_renewal": 200 - ELAPSED})
    silence = moved({"days_since_last_touch": 3}, {"days_since_last_touch": 3 + ELAPSED})

    assert (renewal.moved, renewal.steady) == ([], 1)
    assert [(m.way, m.note) for m in silence.moved] == [("worse", "it only counted on")]


def test_what_became_known_or_unknown_moved_and_unknown_on_both_days_is_counted() -> None:
    then = {"qbr_held": None, "qbr_held__why": "no_data", "health_score": Decimal(50), "csat": None}
    now = {
        "qbr_held": True,
        "health_score": None,
        "health_score__why": "too_little_history",
        "csat": None,
    }
    found = moved(then, now)

    assert {(m.metric, m.was_known, m.is_known, m.way) for m in found.moved} == {
        ("qbr_held", False, True, ""),
        ("health_score", True, False, ""),
    }
    assert (found.steady, found.unknown) == (0, 1)


def test_a_change_over_time_is_not_told_beside_what_changed() -> None:
    found = moved({"health_score_delta_90d": Decimal(3)}, {"health_score_delta_90d": Decimal(-9)})

    assert (found.moved, found.steady, found.unknown) == ([], 0, 0)


def test_the_worse_come_first_largest_first_and_a_course_needs_three_readings() -> None:
    then = {"active_user_pct": 0.5, "health_score": Decimal(70), "csat": 0.5, "multi_threading": 4}
    now = {"active_user_pct": 0.3, "health_score": Decimal(66), "csat": 0.9, "multi_threading": 4}
    two, three = moved(then, now), moved(then, now, then | {"health_score": None})

    assert [m.metric for m in two.moved] == ["active_user_pct", "health_score", "csat"]
    assert (two.worse, two.better, two.steady) == (2, 1, 1)
    assert all(not m.course for m in two.moved)
    assert three.moved[0].course == [0.5, 0.5, 0.3]
    assert not three.moved[1].course


def test_days_compared_are_the_last_kept_by_then_else_the_first_and_the_newest() -> None:
    kept = [date(2026, 5, n) for n in (3, 10, 17, 24)]

    assert nearest(kept, date(2026, 5, 12)) == (kept[1], kept[3])
    assert nearest(kept, date(2026, 1, 1)) == (kept[0], kept[3])
    assert nearest(kept, date(2026, 9, 1)) == (kept[2], kept[3])
    assert nearest(kept[:1], date(2026, 5, 12)) is None
