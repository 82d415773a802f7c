"""Odd days of use: planted ones found, quiet books left alone, holidays known, by a naive second computation and laws."""

from __future__ import annotations

import math
import sys
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest
from daily_use import FIRST, table, week_like
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, t

from tenure.kernel.errors import UserError
from tenure.signals import usage_anomalies
from tenure.signals.usage.anomalies import Anomalies
from tenure.signals.usage.unusual import unusual

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks" / "statistical"))
from worlds_usage import w18  # noqa: E402

NAMES = {"account": "account_id", "day": "day", "values": "used"}


def found_in(values: np.ndarray, **given: Any) -> Anomalies:
    return usage_anomalies(table(values), **NAMES, **given)


def day(place: int) -> date:
    return FIRST + timedelta(days=place)


def quiet(accounts: int = 1, weeks: int = 40, number: int = 1) -> np.ndarray:
    return np.vstack([week_like(weeks, level=100, noise=0.1, number=number * 100 + n) for n in range(accounts)])  # fmt: skip


# --- drawn by hand


def test_one_day_of_half_use_is_told_with_what_was_expected() -> None:
    values = quiet()
    values[0, 275] = 30
    (one,) = found_in(values)
    assert (one.kind, one.direction, one.first, one.last, one.days) == ("day", "low", day(275), day(275), 1)  # fmt: skip
    assert one.expected == pytest.approx(100, rel=0.15)
    assert one.relative == pytest.approx(-0.7, abs=0.06)
    assert one.says.startswith("Low on 8 October 2025: 30 where ")
    assert one.says.endswith(" % below.")


def test_three_of_five_days_are_one_sustained_anomaly_and_two_are_not() -> None:
    three, two = quiet(), quiet()
    three[0, [270, 272, 274]] *= 3
    two[0, [270, 274]] *= 3
    (one,) = found_in(three)
    assert (one.kind, one.direction, one.days) == ("sustained", "high", 3)
    assert one.says.startswith("High on 3 days, 3 October to 7 October 2025; most of all ")
    assert [each.kind for each in found_in(two)] == ["day"]
    apart = quiet()
    apart[0, [260, 274]] *= 3
    assert len(found_in(apart)) == 2


def test_a_weekend_is_expected_and_work_on_it_is_not() -> None:
    values = quiet()
    assert len(found_in(values)) == 0
    saturday = 7 * 38 + 5
    values[0, saturday] = 100
    (one,) = found_in(values)
    assert one.first == day(saturday)
    assert one.expected == pytest.approx(20, rel=0.2)


def test_a_step_is_a_level_shift_with_its_week() -> None:
    values = quiet()
    values[0, 7 * 34 :] *= 0.5
    shifts = [one for one in found_in(values, days=14) if one.kind == "level shift"]
    (one,) = shifts
    assert (one.direction, one.first) == ("low", day(7 * 34))
    assert one.relative == pytest.approx(-0.5, abs=0.05)
    assert one.says.startswith("A lower level since the week of 1 September 2025: ")
    assert math.isnan(one.q)


def test_a_trifle_is_none_whatever_its_factor() -> None:
    values = week_like(40, level=9, noise=0.05)
    values[0, 275] = 0
    assert len(found_in(values)) == 0
    assert len(found_in(values, minimum=1)) == 1


def test_a_series_that_is_silent_every_other_day_has_no_odd_silence() -> None:
    rng = np.random.default_rng(5)
    values = np.where(rng.random((20, 280)) < 0.5, 1000 * np.exp(0.3 * rng.normal(size=(20, 280))), 0.0)  # fmt: skip
    found = found_in(values)
    assert len(found) == 0
    assert {one.why.reason for one in found.not_judged} == {"undefined"}
    assert found.judged + len(found.not_judged) == 20


# --- days off


def test_a_holiday_by_the_calendar_is_judged_by_nothing_and_judges_nothing() -> None:
    values = quiet(12)
    values[:4, 275] = 2
    days = [day(275)]
    assert {one.first for one in found_in(values)} == {day(275)}
    assert len(found_in(values, holidays=days)) == 0
    regions = {f"A{n:03}": "DE" if n < 3 else "FR" for n in range(12)}
    by_region = found_in(values, holidays={"DE": ["2025-10-08"]}, region=regions)
    assert [one.account for one in by_region] == ["A003"]
    everywhere = found_in(values, holidays={"": days, "FR": []}, region=regions)
    assert len(everywhere) == 0


def test_a_day_odd_for_everybody_is_told_once_and_no_accounts() -> None:
    values = quiet(12)
    values[:9, 275] *= 0.2
    found = found_in(values)
    assert len(found) == 0
    (shared,) = found.shared
    assert (shared.day, shared.direction, shared.accounts, shared.judged) == (day(275), "low", 9, 12)  # fmt: skip
    assert shared.says.startswith("8 October 2025: 9 of 12 accounts were low in used.")
    few = quiet(12)
    few[:5, 275] *= 0.2
    assert (len(found_in(few)), len(found_in(few).shared)) == (5, 0)


# --- a second computation


def naive_z(series: list[float]) -> tuple[float, float]:
    """z and expected use of the last day of a complete series, by loops; counts swing by their root."""
    logs = [math.log1p(v) for v in series]
    before = logs[-57:-1]
    weeks = [before[i : i + 7] for i in range(0, 56, 7)]
    effects = [median(week[k] - median(week) for week in weeks) for k in range(7)]
    adjusted = [week[k] - effects[k] for week in weeks for k in range(7)]
    middle = median(adjusted)
    expected = math.expm1(middle + effects[0])
    spread = 1.15 * 1.4826 * median(abs(v - middle) for v in adjusted)
    spread = max(spread, 0.05, 1 / math.sqrt(1 + expected))
    return (logs[-1] - middle - effects[0]) / spread, expected


def test_z_and_q_agree_with_loops_and_scipy() -> None:
    values = w18(31, accounts=12, planted=0.3, size=5).values
    values[3, -8] *= 9
    found = unusual(values, 10, 10)
    for row in range(12):
        for place in range(10):
            until = values.shape[1] - 10 + place + 1
            z, expected = naive_z(values[row, :until].tolist())
            assert found.z[row, place] == pytest.approx(z)
            assert found.expected[row, place] == pytest.approx(expected)
    p = 2 * t.sf(np.abs(found.z), 12)
    assert found.p == pytest.approx(np.where(found.p == 1, 1, p))
    for place in range(10):
        assert found.q[:, place] == pytest.approx(false_discovery_control(found.p[:, place]))
    assert found.told.any()


def test_every_account_and_metric_of_a_day_is_one_family() -> None:
    values = quiet(1)
    values[0, 275] *= 0.62  # about four and a half spreads: enough among few, too little among many
    alone = unusual(values, 5, 10)
    crowd = np.vstack([values, w18(33, accounts=400, days=280).values])
    together = unusual(crowd, 5, 10)
    assert alone.z[0, 0] == pytest.approx(together.z[0, 0])
    assert alone.q[0, 0] < 0.1 < together.q[0, 0]
    frame = table(np.vstack([values, values]))
    frame["seats"] = [v * 2 for v in frame["used"]]
    found = usage_anomalies(frame, account="account_id", day="day", values=["used", "seats"])
    assert found.judged == 4


# --- laws


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_order_and_splitting_of_rows_change_nothing(number: int) -> None:
    frame = table(w18(number, accounts=4, planted=0.5, size=4, days=120).values)
    order = np.random.default_rng(number).permutation(len(frame["day"])).tolist()
    split = {name: [column[i] for i in order for _ in (0, 1)] for name, column in frame.items()}
    split["used"] = [used / 2 for used in split["used"]]
    assert usage_anomalies(frame, **NAMES).to_dict() == usage_anomalies(split, **NAMES).to_dict()


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.integers(100, 119))
def test_what_comes_later_changes_nothing_said_of_an_earlier_day(number: int, cut: int) -> None:
    values = w18(number, accounts=4, planted=0.5, size=4, days=120).values
    earlier = found_in(values, as_of=day(cut - 1)).to_dict()
    assert earlier == found_in(values[:, :cut]).to_dict()


def test_a_long_table_and_a_wide_one_say_the_same() -> None:
    values = quiet(3)
    values[0, 275] *= 0.2
    wide = table(values)
    wide["events"] = [v * 3 for v in wide["used"]]
    long = {
        "account_id": wide["account_id"] * 2,
        "day": wide["day"] * 2,
        "metric": ["used"] * len(wide["day"]) + ["events"] * len(wide["day"]),
        "number": wide["used"] + wide["events"],
    }
    by_columns = usage_anomalies(wide, account="account_id", day="day", values=["events", "used"])
    by_rows = usage_anomalies(
        long, account="account_id", day="day", values="number", metric="metric"
    )
    assert by_columns.to_dict() == by_rows.to_dict()
    assert {one.metric for one in by_rows} == {"used", "events"}


# --- refusals


def test_who_has_too_few_days_is_named_with_those_lacking() -> None:
    values = quiet(3)
    values[1, :-10] = np.nan
    found = found_in(values)
    (one,) = found.not_judged
    assert (one.account, one.why.reason) == ("A001", "too_little_history")
    assert one.why.says == "10 days of use are known; 19 more."
    assert found.judged == 2


def test_a_table_of_a_few_days_judges_nobody_and_says_so() -> None:
    found = found_in(quiet(3)[:, :20])
    assert (found.judged, len(found)) == (0, 0)
    assert found.says.startswith("Nobody can be judged: 28 days of use")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"days": 0}, "usage.days"),
        ({"days": 400}, "usage.days"),
        ({"holidays": ["Christmas"]}, "table.day"),
        ({"values": ["used", "used"], "metric": "account_id"}, "usage.metric"),
    ],
)
def test_what_cannot_be_is_refused_with_its_code(given: dict[str, Any], code: str) -> None:
    with pytest.raises(UserError) as caught:
        usage_anomalies(table(quiet(1, weeks=10)), **NAMES | given)
    assert caught.value.code == code


def test_results_are_plain_values_with_their_evidence() -> None:
    import json

    values = quiet(12)
    values[0, 275] = 0
    values[:9, 277] *= 0.2
    told = json.loads(json.dumps(found_in(values).to_dict(), allow_nan=False))
    assert {"says", "anomalies", "shared_days", "not_judged", "judged", "days", "evidence"} == set(told)  # fmt: skip
    assert told["evidence"]["events"] == len(told["anomalies"]) == 1
    assert told["evidence"]["as_of"] == day(279).isoformat()


# --- worlds


def test_a_quiet_book_has_three_false_days_in_a_month_at_most() -> None:
    """100 accounts, 28 days, a level that wanders: at a false-discovery rate of .10 a day, 2.8 false ones are allowed."""
    days, shifts = [], []
    for number in range(2301, 2309):
        found = found_in(w18(number).values)
        days.append(sum(one.kind != "level shift" for one in found))
        shifts.append(sum(one.kind == "level shift" for one in found))
    assert float(np.mean(days)) <= 2.8 + 2 * math.sqrt(2.8 / len(days))
    assert max(days) <= 10
    assert float(np.mean(shifts)) <= 3


@pytest.mark.parametrize(
    ("noise", "size", "length", "least"),
    [(0.15, 0.3, 1, 0.85), (0.15, 3.0, 1, 0.85), (0.15, 3.0, 5, 0.9), (0.25, 4.0, 1, 0.75), (0.25, 0.3, 5, 0.8)],
)  # fmt: skip
def test_planted_days_are_found(noise: float, size: float, length: int, least: float) -> None:
    hits = []
    for number in (2401, 2402, 2403):
        book = w18(number, planted=0.1, size=size, length=length, noise=noise)
        told = unusual(book.values, 28, 10).told
        planted = book.planted[:, -28:] > 0
        hits += (told & planted).any(axis=1)[planted.any(axis=1)].tolist()
    assert len(hits) >= 15
    assert float(np.mean(hits)) >= least
