"""Screens against plain loops; twins; the lines of other aims; zone tables; worksheet; readings; leaks."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from planted_panels import DAYS, QUICK, learned, rng, s2, table
from scipy import stats

from tenure.signals.leak import consequence, knowledge_leaks
from tenure.signals.panel import Columns, panel
from tenure.signals.rates import mantel_haenszel_odds, wilson
from tenure.signals.readings import Asked, Readings, mean_of_last
from tenure.signals.thresholds.bins import grid
from tenure.signals.thresholds.config import Config
from tenure.signals.thresholds.lines import Line, Zone
from tenure.signals.thresholds.metric import Metric
from tenure.signals.thresholds.screens import Flagging, by_rival, by_segment, crossed, groups, odds
from tenure.signals.thresholds.twins import correlation
from tenure.signals.thresholds.zones import Outcome, zone_table
from tenure.signals.worksheet import worksheet


def flagging(number: int, rows: int = 400) -> tuple[Flagging, np.ndarray]:
    draws = rng(number)
    strata = draws.integers(0, 3, rows)
    known, flagged = draws.random(rows) < 0.9, draws.random(rows) < 0.3
    happened = draws.random(rows) < np.where(flagged, 0.4, 0.1) * (1 + strata / 4)
    return Flagging("m", known, flagged & known, happened), strata


def test_the_effect_of_a_flag_is_that_of_tables_counted_row_by_row() -> None:
    of, strata = flagging(1)
    tables = []
    for k in range(3):
        cells = [0, 0, 0, 0]
        for i in range(400):
            if strata[i] == k and of.known[i]:
                cells[2 * (not of.flagged[i]) + (not of.happened[i])] += 1
        tables.append(tuple(cells))

    assert odds(of, strata) == pytest.approx(mantel_haenszel_odds(tables))


def test_a_flag_that_repeats_the_segment_is_lost_and_an_independent_one_is_kept() -> None:
    draws = rng(2)
    segment = draws.integers(0, 2, 1200)
    happened = draws.random(1200) < np.where(segment == 0, 0.4, 0.05)
    same = (segment == 0) ^ (draws.random(1200) < 0.2)
    other = draws.random(1200) < np.where(happened, 0.6, 0.2)
    everywhere, one = np.ones(1200, dtype=bool), np.zeros(1200, dtype=np.int64)

    assert by_segment(Flagging("m", everywhere, same, happened), one, segment, Config()).lost
    kept = by_segment(Flagging("m", everywhere, other, happened), one, segment, Config())
    assert not kept.lost
    assert kept.kept > 0.8


def test_a_flag_with_nothing_left_to_compare_in_is_lost() -> None:
    of, strata = flagging(3)
    rival = replace(of, name="rival")
    screen = by_rival(of, rival, np.zeros(400, dtype=np.int64), strata, Config())

    assert screen.lost
    assert screen.to_dict()["adjusted"] is None


def test_groups_are_consecutive_about_equal_and_missing_is_its_own() -> None:
    values = rng(4).normal(size=1300)
    values[:100] = np.nan
    found = grid(values)
    code = groups(found, 6)

    assert (code[:100] == 6).all()
    assert np.bincount(code)[:6].min() >= 150
    assert (np.diff(code[np.argsort(values[100:]) + 100]) >= 0).all()
    assert len(np.unique(crossed(code, np.arange(1300) % 2))) == 14


def test_the_correlation_of_bins_is_that_of_ranks() -> None:
    a = rng(5).integers(0, 12, 300).astype(float)
    b = np.round(a + rng(6).normal(size=300) * 3)
    b[::20] = np.nan
    both = ~np.isnan(b)

    assert correlation(grid(a), grid(b)) == pytest.approx(
        stats.spearmanr(a[both], b[both]).statistic
    )


def test_a_zone_table_counts_every_row_once_and_missing_apart() -> None:
    values = np.array([5.0, 15.0, 20.0, 30.0, 60.0, np.nan])
    outcome = Outcome(
        np.array([1, 1, 0, 1, 0, 1], dtype=bool), tuple(map(Decimal, (10, 20, 30, 40, 50, 60)))
    )
    found = zone_table(values, outcome, Zone((Line(20.0, "<"),)), Zone((Line(50.0, ">"),)))
    told = {zone.zone: (zone.rows, zone.events, zone.arr) for zone in found.zones}

    assert told == {
        "at_risk": (2, 2, Decimal(30)), "between": (2, 1, Decimal(70)),
        "healthy": (1, 0, Decimal(50)), "missing": (1, 1, Decimal(60)),
    }  # fmt: skip
    assert found.base == 3 / 5
    assert found.lift == pytest.approx(1 / 0.6)
    assert found.recall == wilson(2, 3)
    assert found.share == 2 / 5
    assert found.arr_share == pytest.approx(0.2)


def test_another_aim_changes_the_line_and_never_the_status() -> None:
    frame = s2(rows=900) | {"arr": ["1000.50"] * 900}
    usual = learned(frame, "share", arr="arr")["share"]
    stated = {"save_rate": 0.2, "touch_cost": 90.0, "flags_a_month": 40.0}
    lines = {}
    for aim in ("youden", "cost", "capacity"):
        found = learned(frame, "share", arr="arr", config=replace(QUICK, objective=aim, **stated))[
            "share"
        ]
        assert (found.status, found.objective) == (usual.status, aim)
        (line,) = found.at_risk.lines
        lines[aim] = line.value
        assert found.zones.at_risk.rows == int(line.beyond(np.array(frame["share"])).sum())

    # A touch pays above a risk of .45: between the zones of .25 and .70. Youden's stands at neither break.
    assert lines["cost"] == pytest.approx(20, abs=3)
    assert 25 < lines["youden"] < 52
    months = 90 / (365.25 / 12)
    flagged = int((np.array(frame["share"]) <= lines["capacity"]).sum())
    assert flagged / months <= 40 < (flagged + 30) / months


def test_an_aim_that_lacks_a_number_says_which_and_keeps_the_usual_line() -> None:
    found = learned(s2(), "share", config=replace(QUICK, objective="cost"))["share"]
    cost = next(one for one in found.alternatives if one.objective == "cost")

    assert cost.line is None
    assert "Needs ARR" in cost.says
    assert found.objective == "separation"


def test_the_worksheet_sets_both_groups_side_by_side_as_the_seasons_fall() -> None:
    """Only the second landmark has many events, so the others are weighted toward it."""
    happened = [1] * 10 + [0] * 40 + [1] * 30 + [0] * 40
    x = [1.0] * 10 + [10.0] * 40 + [2.0] * 30 + [20.0] * 40
    frame = table(happened, days=[DAYS[0]] * 50 + [DAYS[1]] * 70, x=x)
    run = learned(frame, "x")
    sheet = worksheet(run.panel, run["x"])

    assert sheet.happened.average == pytest.approx((10 * 1 + 30 * 2) / 40)
    assert sheet.others.average == pytest.approx(0.25 * 10 + 0.75 * 20)
    assert sheet.others.median == 20
    assert sheet.happened.beyond.estimate == 1.0
    assert sheet.others.beyond.estimate == 0.0
    assert sheet.review == "quarterly"
    assert sheet.to_dict()["window"] == [DAYS[0], DAYS[1]]


def test_a_reading_is_the_last_one_observed_and_recorded_by_then() -> None:
    """Week 2 was written as 7 and rewritten as 1 in week 9; week 3 was recorded late, in week 5."""
    readings = Readings(
        np.array([0, 0, 0, 0, 1]), np.array([1, 2, 2, 3, 1]), np.array([1, 2, 9, 5, 1]),
        np.array([9.0, 7.0, 1.0, 5.0, 4.0]),
    )  # fmt: skip
    asked = Asked(np.array([0, 0, 0, 1, 2]), np.array([4, 6, 9, 9, 9]))

    assert mean_of_last(readings, asked).tolist()[:4] == [7.0, 5.0, 5.0, 4.0]
    assert np.isnan(mean_of_last(readings, asked)[4])
    assert mean_of_last(readings, asked, last=2).tolist()[:4] == [8.0, 6.0, 3.0, 4.0]
    assert mean_of_last(readings, asked, last=2, as_known_then=False).tolist()[0] == 3.0
    assert np.isnan(mean_of_last(readings, asked, max_age=5)[3])


def test_off_boarding_is_no_warning() -> None:
    happened = np.arange(200) % 5 == 0
    early = rng(7).normal(size=200)

    assert consequence(Metric("seats"), np.where(happened, early - 9, early), early, happened)
    assert consequence(Metric("seats"), early, early, happened) is None
    both = np.where(happened, early - 9, early)
    assert consequence(Metric("seats"), both, both, happened) is None


def test_nothing_left_that_was_known_then_counts_as_no_separation() -> None:
    happened = np.arange(100) % 4 == 0
    today = np.where(happened, 0.0, 1.0)[:, None] + rng(8).normal(size=(100, 1)) * 0.1

    assert knowledge_leaks([Metric("x")], today, np.full((100, 1), np.nan), happened)
    assert knowledge_leaks([Metric("x")], today, today, happened) == ()


def test_a_panel_keeps_amounts_to_the_cent() -> None:
    frame = table([1, 0] * 10, arr=["0.10"] * 20, x=range(20))
    made = panel(frame, Columns("account", "as_of", "churned", ["x"], arr="arr"))

    assert sum(made.arr) == Decimal("2.00")
