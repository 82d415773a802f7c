"""The caseload line: a falling fit against a referee, and every way of not knowing yet."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import isotonic_regression

from tenure.insights import caseload_line
from tenure.insights.caseload import falling


def team(
    seed: int = 1, *, csms: int = 20, months: int = 12, line: int = 45
) -> dict[str, list[Any]]:
    r = np.random.default_rng(seed)
    who, month = (part.ravel() for part in np.meshgrid(range(csms), range(months), indexing="ij"))
    size = np.clip(r.integers(20, 80, csms)[who] + r.integers(-5, 6, len(who)), 15, 90)
    share = np.where(size <= line, 0.92, 0.6)
    return {
        "csm": [f"c{w}" for w in who],
        "month": [f"2026-{m + 1:02}" for m in month],
        "size": size.tolist(),
        "due": (size // 2).tolist(),
        "made": r.binomial(size // 2, share).tolist(),
    }


def test_the_fit_is_the_decreasing_isotonic_one() -> None:
    r = np.random.default_rng(3)
    sizes, due = np.arange(30.0), r.integers(1, 40, 30).astype(float)
    made = r.binomial(due.astype(int), np.linspace(0.95, 0.5, 30)).astype(float)
    referee = isotonic_regression(made / due, weights=due, increasing=False).x
    steps = falling(sizes, due, made)
    ours = np.concatenate([[s.share] * int(s.high - s.low + 1) for s in steps])
    assert ours == pytest.approx(referee)
    assert sum(s.due for s in steps) == due.sum()


def test_four_sizes_by_pencil() -> None:
    """10: 9 of 10; 20: 7 of 10 and 30: 9 of 10 rise and are pooled to 16 of 20; 40: 5 of 10."""
    steps = falling(np.array([10.0, 20, 30, 40]), np.full(4, 10.0), np.array([9.0, 7, 9, 5]))
    assert [(s.low, s.high, s.share, s.due) for s in steps] == [
        (10, 10, 0.9, 10),
        (20, 30, 0.8, 20),
        (40, 40, 0.5, 10),
    ]


def test_the_line_is_found_where_coverage_breaks() -> None:
    found = caseload_line(team())
    assert found.refused is None
    assert found.line.low <= 45 <= found.line.high
    assert found.line.estimate == pytest.approx(45, abs=3)
    assert found.says.startswith(
        f"In your data coverage falls below 80 % past {found.line.estimate:g} accounts ("
    )
    assert "20 CSMs, 12 months" in found.says
    assert "c3" not in str(found.to_dict()).replace("caseload", "")


def test_rows_in_another_order_and_people_of_other_names_give_the_same_line() -> None:
    frame = team(5)
    order = np.random.default_rng(2).permutation(len(frame["csm"]))
    shuffled = {name: [own[i] for i in order] for name, own in frame.items()}
    assert caseload_line(shuffled) == caseload_line(frame)
    renamed = {**frame, "csm": ["x" + name for name in frame["csm"]]}
    assert caseload_line(renamed) == caseload_line(frame)


def test_doubling_every_count_keeps_the_line() -> None:
    frame = team(6)
    double = {**frame, "due": [2 * d for d in frame["due"]], "made": [2 * m for m in frame["made"]]}
    assert caseload_line(double).line == caseload_line(frame).line


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"csms": 7}, "7 CSMs in 12 months; needed: 1 more CSM."),
        ({"months": 5}, "20 CSMs in 5 months; needed: 1 more month."),
        ({"csms": 5, "months": 4}, "needed: 3 more CSMs and 2 more months."),
        ({"line": 200}, "coverage is at or above 80.0 % at every size of book seen"),
        ({"line": 0}, "coverage is below 80.0 % at every size of book seen"),
    ],
)
def test_what_cannot_be_told_yet_says_why(said: dict[str, int], words: str) -> None:
    found = caseload_line(team(1, **said))
    assert found.refused is not None
    assert found.refused.reason == "too_little_history"
    assert found.says.startswith("Cannot tell yet")
    assert words in found.says
    assert found.to_dict()["line"] == [None, None, None]


def test_an_interval_over_more_than_half_of_the_sizes_is_refused() -> None:
    frame = team(2, csms=8, months=6)
    r = np.random.default_rng(1)
    frame["made"] = [int(r.binomial(d, 0.8)) for d in frame["due"]]
    found = caseload_line(frame)
    assert found.refused is not None
    assert "anywhere from" in found.says or "at every size" in found.says
