"""Alerts, episodes and leads by pencil; separation against a second computation; what a result says."""

from __future__ import annotations

import json
import math
from datetime import date, timedelta

import numpy as np
import pytest

import tenure.signals
from tenure.kernel.errors import UserError
from tenure.kernel.unknown import Unknown
from tenure.signals.alerts import alerts, episodes, judged, leads
from tenure.signals.leadtime import CANNOT, LeadTime, lead_time
from tenure.signals.lines import Line
from tenure.signals.matching import CONTROLS, matched
from tenure.signals.separation import concordance, separation
from tenure.signals.streams import stream
from tenure.signals.weekly import NEVER

NAN = math.nan
LOW = Line(20, "<")
MONDAY = date(2024, 1, 1)


def rows(*series: list[float]) -> np.ndarray:
    return np.array(series, dtype=float)


def company(onset_weeks: int | None, *, accounts: int = 120, leaving: int = 40, weeks: int = 80) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Noise about 50; leaving accounts fall to half so many weeks before their exit."""
    rng = np.random.default_rng(11)
    values = 50 + 6 * rng.normal(size=(accounts, weeks))
    exits = np.full(accounts, NEVER)
    exits[:leaving] = rng.integers(35, weeks - 14, leaving)
    for row in range(leaving):
        if onset_weeks:
            values[row, exits[row] - onset_weeks :] *= 0.5
        values[row, exits[row] :] = NAN
    return values, exits


def table(values: np.ndarray, exits: np.ndarray) -> dict[str, list[object]]:
    """The same as a long table, shuffled."""
    found = [
        (
            f"a{row:03d}",
            MONDAY + timedelta(weeks=int(week), days=int(row) % 7),
            values[row, week],
            row,
        )
        for row, week in np.argwhere(~np.isnan(values))
    ]
    np.random.default_rng(1).shuffle(found)  # type: ignore[arg-type]
    left = [MONDAY + timedelta(weeks=int(e), days=2) if e < NEVER else None for e in exits]
    return {
        "account": [f[0] for f in found],
        "day": [f[1] for f in found],
        "seats": [f[2] for f in found],
        "left": [left[f[3]] for f in found],
        "segment": ["enterprise" if f[3] % 3 else "small" for f in found],
    }


def test_two_of_the_last_three_readings_alert_and_a_missing_week_is_no_reading() -> None:
    values = rows(
        [30, 10, 30, 10, 30, 30, 10, 30, 30, 10],
        [30, 10, NAN, NAN, 10, NAN, 30, 10, 30, 30],
    )
    assert alerts(values, LOW).astype(int).tolist() == [
        [0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 0, 1, 1, 0, 0],
    ]
    assert alerts(values, LOW, "at once").tolist() == (values < 20).tolist()


def test_an_episode_survives_a_gap_of_one_week_and_no_longer_one() -> None:
    alert = np.array([[0, 1, 0, 1, 1, 0, 0, 1], [0] * 8, [1] * 8], dtype=bool)
    assert episodes(alert) == [(0, 1, 4), (0, 7, 7), (2, 0, 7)]


def test_the_lead_is_counted_from_the_first_alert_of_the_episode_still_running() -> None:
    alert = np.array([
        [0, 1, 0, 1, 0, 1, 1, 1],  # runs since week 1
        [1, 1, 0, 0, 1, 0, 1, 0],  # broken by weeks 2 and 3; still running at the last but one
        [1, 1, 1, 1, 1, 1, 0, 0],  # over before the exit
        [1, 1, 1, 1, 1, 1, 1, 1],  # nothing before the look-back counts
    ], dtype=bool)  # fmt: skip
    known = np.ones(alert.shape, dtype=bool)
    exits = np.array([8, 8, 8, 8])
    assert leads(alert, known, exits, back=20).tolist() == [7, 4, 0, 8]
    assert leads(alert, known, exits, back=5).tolist() == [5, 4, 0, 5]
    known[2, 6:] = False  # then week 5 is its last reading
    assert leads(alert, known, exits, back=20).tolist()[2] == 8


def test_burden_counts_true_false_and_undecided_episodes() -> None:
    values = np.full((4, 40), 30.0)
    values[0, 10:] = 10  # leaves in week 30
    values[1, 5:8] = 10  # false
    values[2, 38:] = 10  # too late to say
    exits = np.array([30, NEVER, NEVER, NEVER])
    told = judged(values, exits, LOW, horizon=13, patience="2 of 3", draw=stream(1))
    assert (told.episodes_true, told.episodes_false, told.false_per_true) == (1, 1, 1.0)
    assert told.leads == (7 * 19,)
    assert told.lead_days.estimate == 7 * 19
    assert told.warned_90.estimate == 1
    assert told.never_warned.estimate == 0
    account_weeks = 30 + 3 * 40
    assert told.per_100_accounts_month == pytest.approx(100 * 3 / (account_weeks * 7 / 30.4375))
    calm = judged(values[1:2], exits[1:2], LOW, horizon=13, patience="2 of 3", draw=stream(1))
    assert isinstance(calm.false_per_true, Unknown)


def test_controls_are_seen_by_the_case_s_week_and_stay_clear_after_it() -> None:
    rng = np.random.default_rng(2)
    exits = np.where(rng.random(200) < 0.3, rng.integers(1, 60, 200), NEVER)
    since = rng.integers(0, 30, 200)
    groups = matched(since, exits, weeks=60, clear=13, draw=stream(1))
    assert len(groups) > 20
    for case, week, controls in zip(groups.cases, groups.weeks, groups.controls, strict=True):
        real = controls[controls >= 0]
        assert len(set(real)) == len(real) > 0
        assert exits[case] == week
        assert (since[real] <= week).all()
        assert (exits[real] > week + 13).all()


def test_concordance_agrees_with_counting_pair_by_pair() -> None:
    values, exits = company(9)
    values = np.round(values / 5) * 5  # ties
    values[np.random.default_rng(3).random(values.shape) < 0.2] = NAN
    groups = matched(np.zeros(120, dtype=int), exits, weeks=80, clear=13, draw=stream(1))
    found = concordance(values, groups, low_is_risk=True, leads=26)
    mirrored = concordance(-values, groups, low_is_risk=False, leads=26)
    assert np.array_equal(found, mirrored, equal_nan=True)
    checked = 0
    for i, (case, week, controls) in enumerate(zip(groups.cases, groups.weeks, groups.controls, strict=True)):  # fmt: skip
        for lead in (0, 1, 7, 26):
            at = week - lead
            pairs = [
                (values[k, at] > values[case, at]) + 0.5 * (values[k, at] == values[case, at])
                for k in controls
                if k >= 0 and not np.isnan(values[k, at]) and not np.isnan(values[case, at])
            ]
            assert found[i, lead] == pytest.approx(np.mean(pairs) if pairs else NAN, nan_ok=True)
            checked += len(pairs)
    assert checked > 100 * CONTROLS / 5


def test_a_clear_onset_is_found_and_the_badge_needs_sixty_days() -> None:
    early = lead_time(table(*company(13)), account="account", time="day", value="seats", churned="left", threshold=Line(35, "<"))  # fmt: skip
    assert isinstance(early, LeadTime)
    assert isinstance(early.separation.lead_days, int)
    assert abs(early.separation.lead_days - 91) <= 7
    assert early.badge == "leading"
    assert early.keeps_promise is True
    assert CANNOT not in early.says
    assert early.alerts is not None
    assert early.alerts.warned_60.estimate > 0.9
    late = lead_time(table(*company(5)), account="account", time="day", value="seats", churned="left", threshold=Line(35, "<"))  # fmt: skip
    assert late.badge == "coincident or lagging"
    assert late.keeps_promise is False
    assert CANNOT in late.says
    json.dumps(late.to_dict(), allow_nan=False)


def test_without_a_signal_there_is_no_lead_and_with_few_exits_it_is_unknown() -> None:
    none = lead_time(table(*company(None)), account="account", time="day", value="seats", churned="left", risk="low")  # fmt: skip
    assert none.separation.lead_days == 0
    assert none.alerts is None
    few = lead_time(table(*company(13, leaving=14)), account="account", time="day", value="seats", churned="left", risk="low")  # fmt: skip
    assert isinstance(few.separation.lead_days, Unknown)
    assert few.separation.lead_days.reason == "too_little_history"
    assert "1 more" in few.says
    assert isinstance(few.badge, Unknown)


def test_the_same_stream_gives_the_same_answer_and_readings_after_the_exit_change_nothing() -> None:
    values, exits = company(9)
    ask = {"account": "account", "time": "day", "value": "seats", "churned": "left", "threshold": Line(35, "<")}  # fmt: skip
    first = lead_time(table(values, exits), **ask)  # type: ignore[arg-type]
    assert lead_time(table(values, exits), **ask) == first  # type: ignore[arg-type]
    rewritten = values.copy()
    for row in np.flatnonzero(exits < NEVER):
        rewritten[row, exits[row] + 1 :] = 0
    again = lead_time(table(rewritten, exits), **ask)  # type: ignore[arg-type]
    assert (again.alerts, again.separation) == (first.alerts, first.separation)


def test_a_segment_has_its_own_window() -> None:
    answer = tenure.signals.lead_time(
        table(*company(20, accounts=150, leaving=60)), account="account", time="day", value="seats",
        churned="left", threshold=Line(35, "<"), segment="segment", horizons={"enterprise": 180},
    )  # fmt: skip
    assert {
        word: (s.horizon_days, s.separation.curve[-1].days) for word, s in answer.segments.items()
    } == {  # fmt: skip
        "enterprise": (180, 39 * 7),
        "small": (90, 26 * 7),
    }
    assert abs(answer.segments["enterprise"].separation.lead_days - 140) <= 7


def test_exits_may_come_as_a_mapping_and_must_not_contradict_each_other() -> None:
    given = table(*company(9))
    left = {a: day for a, day in zip(given["account"], given["left"], strict=True) if day}
    ask = {"account": "account", "time": "day", "value": "seats", "risk": "low"}
    assert lead_time(given, churned=left, **ask) == lead_time(given, churned="left", **ask)  # type: ignore[arg-type]
    given["left"] = [*given["left"][:-1], date(2030, 1, 1)]
    given["account"] = [*given["account"][:-1], next(iter(left))]
    with pytest.raises(UserError) as error:
        lead_time(given, churned="left", **ask)  # type: ignore[arg-type]
    assert error.value.code == "table.two_exits"
    with pytest.raises(UserError) as error:
        lead_time(given, churned=left, account="account", time="day", value="seats")
    assert error.value.code == "lead.risk"
    with pytest.raises(UserError) as error:
        lead_time({"account": [], "day": [], "seats": []}, churned={}, **ask)  # type: ignore[arg-type]
    assert error.value.code == "table.empty"


def test_a_curve_of_no_cases_is_unknown() -> None:
    values, _ = company(None)
    groups = matched(np.zeros(120, dtype=int), np.full(120, NEVER), weeks=80, clear=13, draw=stream(1))  # fmt: skip
    found = separation(values, groups, low_is_risk=True, leads=26, draw=stream(1))
    assert isinstance(found.lead_days, Unknown)
    assert isinstance(found.at(60), Unknown)
