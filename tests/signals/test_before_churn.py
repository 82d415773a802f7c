"""Long tables by week, the door of trajectories, and patterns before churn against comparable accounts."""

from __future__ import annotations

import json
import math
from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import chi2_contingency

import tenure.signals
from tenure.signals.before_churn import patterns_before_churn
from tenure.signals.lines import Line
from tenure.signals.trajectory import classify_trajectories
from tenure.signals.weekly import weekly

MONDAY = date(2024, 1, 1)


def long(values: np.ndarray, **columns: list[object]) -> dict[str, list[object]]:
    places = np.argwhere(~np.isnan(values))
    found: dict[str, list[object]] = {
        "account": [f"a{row:03d}" for row, _ in places],
        "day": [(MONDAY + timedelta(weeks=int(week))).isoformat() for _, week in places],
        "logins": [float(values[row, week]) for row, week in places],
    }
    for name, by_row in columns.items():
        found[name] = [by_row[row] for row, _ in places]
    return found


def leaving_slowly() -> tuple[np.ndarray, list[object]]:
    """150 accounts over 90 weeks; 40 leave, three quarters of them after a decline of 12 weeks; of the others half decline."""
    rng = np.random.default_rng(4)
    values = 80 * (1 + 0.08 * rng.normal(size=(150, 90)))
    left: list[object] = [None] * 150
    for row in range(40):
        week = int(rng.integers(45, 75))
        left[row] = (MONDAY + timedelta(weeks=week)).isoformat()
        if row % 4:
            values[row, week - 12 : week] *= np.linspace(0.95, 0.4, 12)
        values[row, week:] = math.nan
    for row in range(40, 150, 2):
        week = int(rng.integers(45, 75))
        values[row, week - 12 : week] *= np.linspace(0.95, 0.4, 12)
        values[row, week:] *= 0.4
    return values, left


def test_the_last_known_reading_of_a_week_counts() -> None:
    found = weekly(
        {
            "a": ["x", "x", "x", "y", "x"],
            "d": ["2024-01-07", "2024-01-02", "2024-01-05", "2024-01-16", "2024-01-15"],
            "v": [None, 1, 2, 7, 5],
        },
        account="a", time="d", value="v",
    )  # fmt: skip
    assert found.accounts == ("x", "y")
    assert found.first == date(2024, 1, 1)
    assert np.array_equal(found.values, [[2, math.nan, 5], [math.nan, math.nan, 7]], equal_nan=True)
    assert found.week(date(2024, 1, 14)) == 1
    assert found.exits({"y": date(2024, 1, 15)}).tolist()[1] == 2


def test_the_door_tells_pattern_zone_and_the_week_of_a_step() -> None:
    values = np.tile([50.0, 53.0, 51.0], (4, 13))
    values[1, 33:] = [20, 21, 20, 22, 20, 21]
    values[2] /= 5
    values[3, :30] = math.nan
    found = list(tenure.signals.classify_trajectories(
        long(values), account="account", time="day", value="logins", at_risk=Line(15, "<"), healthy=Line(30, ">=")
    ))  # fmt: skip
    assert [(t.pattern, t.zone) for t in found] == [
        ("flat", "healthy"), ("declining", "in between"), ("flat", "at risk"), ("insufficient", "healthy"),
    ]  # fmt: skip
    assert found[1].step_on == MONDAY + timedelta(weeks=33)
    assert found[0].step_on is None
    assert "9 of 13" in found[3].says


def test_a_view_of_an_earlier_day_reads_nothing_after_it() -> None:
    values, _ = leaving_slowly()
    ask = {"account": "account", "time": "day", "value": "logins"}
    early = classify_trajectories(long(values[:, :60]), **ask)
    back = classify_trajectories(long(values), **ask, as_of=MONDAY + timedelta(weeks=59, days=3))
    assert [t.pattern for t in back] == [t.pattern for t in early]
    assert back.counts() != classify_trajectories(long(values), **ask).counts()
    json.dumps(back.to_dict(), allow_nan=False)


def test_patterns_of_leaving_accounts_stand_beside_those_of_comparable_ones() -> None:
    values, left = leaving_slowly()
    found = patterns_before_churn(long(values, left=left), account="account", time="day", values=["logins"], churned="left")["logins"]  # fmt: skip
    by = {s.pattern: s for s in found.patterns}
    declining = by["declining"]
    assert found.cases + found.unread_cases == 40
    assert found.controls + found.unread_controls == 200
    assert sum(s.cases for s in found.patterns) == found.cases
    assert sum(s.controls for s in found.patterns) == found.controls
    assert declining.among_cases.estimate == pytest.approx(0.75, abs=0.05)
    assert declining.among_controls.estimate < 0.3
    assert declining.ratio.low > 2
    assert declining.q < 1e-6
    assert "comparable retained accounts in the same weeks" in declining.says
    last = found.path_of_cases.weeks_before.index(1)
    assert found.path_of_cases.median[last] < 50 < found.path_of_controls.median[last]
    assert found.path_of_cases.median[0] == pytest.approx(80, rel=0.1)
    json.dumps(found.to_dict(), allow_nan=False)


def test_where_leaving_is_unrelated_no_pattern_is_called_different() -> None:
    values, left = leaving_slowly()
    rng = np.random.default_rng(9)
    noise = np.where(np.isnan(values), math.nan, 80 * (1 + 0.08 * rng.normal(size=values.shape)))
    found = patterns_before_churn(long(noise, left=left), account="account", time="day", values=["logins"], churned="left")  # fmt: skip
    assert all(not s.q <= 0.1 for s in found["logins"].patterns)
    assert found["logins"].cases > 30


def test_the_p_value_of_one_quarter_is_the_plain_test_of_the_table() -> None:
    from tenure.signals.before_churn import _p

    a, b, c, d = 12.0, 5.0, 7.0, 20.0
    plain = chi2_contingency([[a, b], [c, d]], correction=False)
    n = a + b + c + d
    # Mantel and Haenszel divide by n - 1 where Pearson divides by n.
    from scipy.stats import chi2

    assert _p([(a, b, c, d)]) == pytest.approx(chi2.sf(plain.statistic * (n - 1) / n, 1))
    assert _p([(3, 0, 4, 0)]) == 1


def test_metrics_of_one_run_are_one_family() -> None:
    values, left = leaving_slowly()
    frame = long(values, left=left)
    frame["noise"] = list(np.random.default_rng(1).normal(50, 4, len(frame["day"])))
    ask = {"account": "account", "time": "day", "churned": "left"}
    alone = patterns_before_churn(frame, values=["logins"], **ask)["logins"]  # type: ignore[arg-type]
    among = patterns_before_churn(frame, values=["noise", "logins"], **ask)["logins"]  # type: ignore[arg-type]
    pairs = list(zip(alone.patterns, among.patterns, strict=True))
    assert all(x.p == y.p and x.ratio == y.ratio for x, y in pairs if x.pattern == "declining")
    assert any(x.q != y.q for x, y in pairs if x.cases + x.controls)
