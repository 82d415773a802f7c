"""Forecasts of use: by hand, by naive second computations, by laws, and in worlds whose future is known."""

from __future__ import annotations

import math
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest
from daily_use import FIRST, NAMES, table, week_like
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import theilslopes

from tenure.kernel.errors import UnknownName, UserError
from tenure.kernel.unknown import Unknown
from tenure.signals import burn_forecast
from tenure.signals.usage.burn import Burns
from tenure.signals.usage.daily import daily
from tenure.signals.usage.model import fit, run_rate
from tenure.signals.usage.past import HORIZONS, challenger_wins, told_before
from tenure.signals.usage.spread import LEVELS, Spread, spreads
from tenure.signals.usage.told import Burn, Told

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks" / "statistical"))
from worlds_usage import w17  # noqa: E402


def told(values: np.ndarray, **given: Any) -> Burns:
    return burn_forecast(table(values), **NAMES, **given)


def only(found: Burns) -> tuple[Burn, Told]:
    (one,) = found
    assert isinstance(one.forecast, Told), one.forecast
    return one, one.forecast


def day(place: int) -> date:
    return FIRST + timedelta(days=place)


# --- by hand


def test_steady_use_runs_out_on_the_day_a_pencil_says() -> None:
    values = np.full((1, 200), 10.0)
    one, forecast = only(told(values, committed=2_500, term_end=day(365)))
    # 2,000 of 2,500 are used by day 199; 500 more at 10 a day are used up 50 days on.
    days = forecast.runs_out
    assert not isinstance(days, Unknown)
    assert (days.p10, days.p50, days.p90) == (day(249), day(249), day(249))
    assert one.run_rate.runs_out == day(249)
    assert (one.used, one.used_share, one.run_rate.per_day) == (2000, 0.8, 10)
    assert forecast.at_end is not None
    # 165 days lie after day 199 and before day 365.
    assert forecast.at_end.p50 == pytest.approx(2000 + 1650)
    assert one.says == "Runs out on 12 September 2025; the commitment ends 5 January 2026."


def test_a_weekend_of_little_use_moves_the_day_as_the_weekdays_say() -> None:
    values = week_like(30)
    one, forecast = only(told(values, committed=float(values.sum()) + 25, term_end=day(400)))
    days = forecast.runs_out
    assert not isinstance(days, Unknown)
    # The next days are Monday to Wednesday of 10 each; the plain rate of 7.7 a day would say Thursday.
    assert days.p50 == day(212)
    assert one.run_rate.runs_out == day(213)


def test_a_growing_account_is_told_to_run_out_sooner_than_its_plain_rate_says() -> None:
    growth = np.repeat(1.03 ** np.arange(40), 7)
    values = week_like(40) * growth
    used = float(values.sum())
    one, forecast = only(told(values, committed=1.5 * used, term_end=day(640)))
    assert forecast.way == "trend"
    assert forecast.growth_per_week == pytest.approx(0.026, abs=0.004)
    days = forecast.runs_out
    assert not isinstance(days, Unknown)
    assert days.p50 is not None
    assert one.run_rate.runs_out is not None
    assert days.p50 < one.run_rate.runs_out


def test_what_ran_out_already_has_its_day_and_no_doubt() -> None:
    one, forecast = only(told(np.full((1, 100), 10.0), committed=500, term_end=day(365)))
    assert one.ran_out == day(49)
    assert forecast.p_runs_out == 1
    assert forecast.p_below == {"0.8": 0.0}
    assert one.says.startswith("Ran out on 24 February 2025; the commitment ends")


def test_a_term_that_is_over_has_nothing_to_come() -> None:
    one, forecast = only(told(np.full((1, 100), 10.0), committed=2000, term_end=day(100)))
    assert forecast.at_end is not None
    assert (forecast.at_end.p10, forecast.at_end.p90) == (1000, 1000)
    assert forecast.p_below == {"0.8": 1.0}
    assert forecast.p_runs_out == 0
    assert one.says == "The commitment ended 15 April 2025, with 50 % of it used."


def test_use_before_the_term_is_none_of_it() -> None:
    values = np.full((1, 200), 10.0)
    one, _ = only(told(values, committed=5000, term_start=day(150), term_end=day(515)))
    assert one.used == 500
    assert one.notes == ()
    early, _ = only(told(values, committed=5000, term_start=day(-30), term_end=day(335)))
    assert early.used == 2000
    assert "what was used before is not in it" in early.notes[0]


def test_without_a_commitment_nothing_runs_out_and_use_is_told_all_the_same() -> None:
    one, forecast = only(told(np.full((1, 200), 10.0), term_end=day(365)))
    assert isinstance(forecast.runs_out, Unknown)
    assert forecast.share_at_end is None
    assert forecast.p_runs_out is None
    assert one.says == "Uses 70 a week now. Nothing is committed, so nothing runs out."


def test_without_an_end_it_looks_a_year_ahead() -> None:
    one, forecast = only(told(np.full((1, 200), 10.0), committed=100_000))
    assert forecast.at_end is None
    assert one.says == "Runs out not within a year; when the commitment ends is not known."
    soon, _ = only(told(np.full((1, 200), 10.0), committed=2100))
    assert soon.says == "Runs out on 3 August 2025; when the commitment ends is not known."


def test_money_for_units_that_will_not_be_used_is_exact_in_cents() -> None:
    _, forecast = only(
        told(np.full((1, 200), 10.0), committed=7300, term_end=day(365), price=Decimal("36500.00"))
    )
    # 3,650 of 7,300 units will be used: half of what was paid.
    assert forecast.unused == {n: Decimal("18250.00") for n in ("p10", "p50", "p90")}


def test_commitments_come_as_a_column_a_mapping_or_one_value() -> None:
    frame = table(np.full((2, 100), 10.0))
    given = {"A000": 2000, "A001": 3000}
    frame["bought"] = [
        given[a] if d > day(50) else 1
        for a, d in zip(frame["account_id"], frame["day"], strict=True)
    ]
    by_column = burn_forecast(frame, **NAMES, committed="bought", term_end=day(200))
    by_mapping = burn_forecast(frame, **NAMES, committed=given, term_end={"A000": day(200), "A001": "2025-07-25"})  # fmt: skip
    assert by_column.to_dict() == by_mapping.to_dict()
    assert [one.term.committed for one in by_column] == [2000, 3000]


# --- a second computation


def naive(values: list[float]) -> tuple[float, list[float], float]:
    """Level, weekday factors and growth of one complete series, by loops."""
    weeks = [values[i : i + 7] for i in range(len(values) % 7, len(values), 7)]
    totals = [sum(week) for week in weeks][-13:]
    level = median(totals[-4:])
    ratios = [[day * 7 / sum(week) for day in week] for week in weeks[-8:]]
    middle = [median(ratio[k] for ratio in ratios) for k in range(7)]
    factors = [m * 7 / sum(middle) for m in middle]
    slope = float(theilslopes(totals).slope) / level if len(totals) >= 8 else 0.0
    return level, factors, max(-0.05, min(0.05, slope))


@pytest.mark.parametrize("days", [28, 55, 61, 200])
def test_level_weekdays_and_trend_agree_with_loops(days: int) -> None:
    rng = np.random.default_rng(days)
    values = rng.lognormal(3, 0.5, (4, days))
    model = fit(values)
    for row in range(4):
        level, factors, growth = naive(values[row].tolist())
        assert model.level[row] == pytest.approx(level)
        assert model.factors[row] == pytest.approx(factors)
        assert model.growth[row] == pytest.approx(growth)
        total, each = 0.0, []
        for ahead in range(40):
            trend = 1 + growth * sum(0.9**j for j in range(1, ahead // 7 + 2))
            total += level / 7 * factors[ahead % 7] * trend
            each.append(total)
        assert model.cumulated(40)[row] == pytest.approx(each)


def test_past_errors_are_those_of_forecasts_that_knew_only_the_days_before() -> None:
    values = np.random.default_rng(4).lognormal(3, 0.4, (3, 150))
    use = daily(table(values), account="account_id", day="day", value="used")
    past = told_before(use)
    assert past.step == 1
    for place, origin in enumerate(range(143, 27, -1)):
        for at, horizon in enumerate(HORIZONS):
            found = past.errors[:, at, :, place]
            if origin + horizon > 150:
                assert np.isnan(found).all()
                continue
            came = values[:, origin : origin + horizon].sum(axis=1)
            before = values[:, :origin]
            assert found[0] == pytest.approx(
                np.log(came / fit(before).cumulated(90)[:, horizon - 1])
            )
            assert found[1] == pytest.approx(np.log(came / (run_rate(before) * horizon)))


def test_a_range_of_nobody_else_is_the_conformal_quantile_widened_by_its_windows() -> None:
    values = np.random.default_rng(5).lognormal(3, 0.4, (1, 150))
    use = daily(table(values), account="account_id", day="day", value="used")
    past = told_before(use)
    (found,) = spreads(past, np.array([False]), [""], np.array([150]))
    assert isinstance(found, Spread)
    own = np.sort(past.of(0, 0, 0))
    # Of 116 errors at 7 days the 90th hundredth is the 105.3rd smallest; 116 origins hold 17.4 windows side by side.
    assert len(own) == 116
    rank = 0.9 * 117
    exact = own[104] + (rank - 105) * (own[105] - own[104])
    windows = (115 + 7) / 7
    middle = np.median(own)
    assert found.quantiles[0][89] == pytest.approx(middle + (exact - middle) * (1 + 1 / windows))


def test_ranges_are_interpolated_between_horizons_and_grow_with_the_root_beyond() -> None:
    rows = np.array([LEVELS - 0.5, 2 * (LEVELS - 0.5), 3 * (LEVELS - 0.5)])
    after = Spread((7, 30, 90), rows, "own", 0.01).after(360)
    assert after[0] == pytest.approx(rows[0])
    assert after[29] == pytest.approx(rows[1])
    assert after[89] == pytest.approx(rows[2])
    assert after[359] == pytest.approx(2 * rows[2])
    half = math.sqrt(7 * 30)  # half way on the logarithm of days
    assert after[int(half) - 1][89] == pytest.approx(1.5 * rows[0][89], abs=0.01)


# --- laws


def random_use(number: int, accounts: int = 3, days: int = 130) -> np.ndarray:
    rng = np.random.default_rng(number)
    return np.round(rng.lognormal(3, 0.5, (accounts, days)), 2)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([2.0**-6, 2.0**9]))
def test_another_unit_moves_no_day_and_no_share(number: int, factor: float) -> None:
    values = random_use(number)
    bought = float(values[0].sum()) * 1.4
    one = told(values, committed=bought, term_end=day(300)).to_dict()
    other = told(values * factor, committed=bought * factor, term_end=day(300)).to_dict()
    for a, b in zip(one["accounts"], other["accounts"], strict=True):
        for name in ("runs_out", "p_runs_out", "p_below"):
            assert a["forecast"][name] == b["forecast"][name]
        assert a["forecast"]["share_at_end"] == pytest.approx(b["forecast"]["share_at_end"])


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_order_and_splitting_of_rows_change_nothing(number: int) -> None:
    frame = table(random_use(number))
    order = np.random.default_rng(number).permutation(len(frame["day"])).tolist()
    split = {name: [column[i] for i in order for _ in (0, 1)] for name, column in frame.items()}
    split["used"] = [used / 2 for used in split["used"]]
    given = {"committed": 4000, "term_end": day(250)}
    assert (
        burn_forecast(frame, **NAMES, **given).to_dict()["accounts"]
        == burn_forecast(split, **NAMES, **given).to_dict()["accounts"]
    )


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.integers(70, 120))
def test_what_comes_later_changes_nothing_said_of_an_earlier_day(number: int, cut: int) -> None:
    values = random_use(number)
    given = {"committed": 4000, "term_end": day(250), "as_of": day(cut - 1)}
    assert told(values, **given).to_dict() == told(values[:, :cut], **given).to_dict()


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.floats(1.02, 3))
def test_more_committed_never_runs_out_earlier(number: int, more: float) -> None:
    values = random_use(number, accounts=1)
    bought = float(values.sum()) * 1.2
    below = (0.5, 0.8, 1.0, 1.2)
    _, less_bought = only(told(values, committed=bought, term_end=day(260), below=below))
    _, more_bought = only(told(values, committed=bought * more, term_end=day(260), below=below))
    far = date.max
    for name in ("p10", "p50", "p90"):
        earlier = getattr(less_bought.runs_out, name) or far
        assert earlier <= (getattr(more_bought.runs_out, name) or far)
    assert less_bought.p_runs_out is not None
    assert more_bought.p_runs_out is not None
    assert less_bought.p_runs_out >= more_bought.p_runs_out
    chances = list(less_bought.p_below.values())
    assert chances == sorted(chances)
    assert less_bought.p_below["1"] + less_bought.p_runs_out == pytest.approx(1, abs=0.011)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000))
def test_a_fan_never_falls_and_its_middle_lies_in_it(number: int) -> None:
    for one in told(random_use(number), committed=9000, term_end=day(400)):
        assert isinstance(one.forecast, Told)
        fan = one.forecast.fan
        assert fan[-1].day == day(399)
        for name in ("p10", "p50", "p90"):
            line = [one.used, *(getattr(point.used, name) for point in fan)]
            assert line == sorted(line)
        assert all(p.used.p10 <= p.used.p50 <= p.used.p90 for p in fan)


def test_an_account_more_of_another_segment_changes_nobody_elses_range() -> None:
    values = random_use(8, accounts=6)
    segments = {f"A{n:03}": "smb" for n in range(5)} | {"A005": "enterprise"}
    given = {"committed": 4000, "term_end": day(250)}
    alone = told(values[:5], segment=segments, **given).to_dict()["accounts"]
    with_one_more = told(values, segment=segments, **given).to_dict()["accounts"]
    assert with_one_more[:5] == alone


# --- who is told how


def test_use_once_a_month_is_told_by_the_plain_rate() -> None:
    book = w17(71, accounts=8, kind="monthly")
    found = told(book.values[:, : book.today], committed=1e6, term_end=day(book.today + 90))
    assert {one.forecast.way for one in found if isinstance(one.forecast, Told)} == {"run rate"}
    assert all(isinstance(one.forecast, Told) for one in found)


def test_a_steady_rise_keeps_the_trend_and_a_level_with_noise_alone_takes_the_plain_rate() -> None:
    rising = week_like(40, noise=0.05) * np.repeat(1.03 ** np.arange(40), 7)
    use = daily(table(rising), account="account_id", day="day", value="used")
    assert not challenger_wins(use, ("",)).any()
    steady = w17(72, accounts=40, kind="steady").values[:, :365]
    use = daily(table(steady), account="account_id", day="day", value="used")
    assert challenger_wins(use, ("",) * 40).mean() > 0.4


def test_a_young_account_takes_the_range_and_the_way_of_its_segment() -> None:
    book = w17(73, accounts=24, short=0.3)
    segments = {f"A{n:03}": s for n, s in enumerate(book.segments)}
    found = told(book.values[:, : book.today], committed=1e6, term_end=day(500), segment=segments)
    young = [one for one, is_young in zip(found, book.planted, strict=True) if is_young]
    assert len(young) >= 3
    assert all(isinstance(o.forecast, Told) and o.forecast.whose == "segment" for o in young)
    assert all(30 <= one.history_days < 60 for one in young)


# --- refusals


def refused(values: np.ndarray, **given: Any) -> Unknown:
    (one,) = told(values, committed=5000, term_end=day(400), **given)
    assert isinstance(one.forecast, Unknown)
    assert one.says == f"Not told: {one.forecast.says}"
    return one.forecast


def test_below_four_weeks_nothing_is_told_and_the_days_lacking_are() -> None:
    found = refused(np.full((1, 20), 10.0))
    assert found == Unknown(
        "too_little_history", "Use is known for 20 days and 28 are needed: 8 more."
    )
    (one,) = told(np.full((1, 20), 10.0), committed=5000, term_end=day(400))
    assert one.run_rate.per_day == 10  # the catalogue's plain burn stays beside it


def test_alone_sixty_days_are_needed_for_a_range() -> None:
    found = refused(np.full((1, 45), 10.0))
    assert found.reason == "too_little_history"
    assert found.says.endswith("15 more days.")
    only(told(np.full((1, 60), 10.0), committed=5000, term_end=day(400)))


def test_a_silent_source_is_late_and_a_silent_account_has_nothing_to_tell() -> None:
    assert refused(np.full((1, 100), 10.0), as_of=day(120)).reason == "source_late"
    only(told(np.full((1, 100), 10.0), committed=5000, term_end=day(400), as_of=day(110)))
    values = np.full((2, 100), 10.0)
    values[0, 70:] = 0
    found = told(values, committed=5000, term_end=day(400)).account("A000")
    assert found is not None
    assert found.forecast == Unknown("undefined", "Nothing was used in the last four weeks.")


def test_a_day_nobody_delivered_is_unknown_and_one_without_a_row_is_no_use() -> None:
    values = np.full((6, 100), 10.0)
    values[0, 40] = np.nan
    values[:, 60] = np.nan
    use = daily(table(values), account="account_id", day="day", value="used")
    assert use.values[0, 40] == 0
    assert np.isnan(use.values[:, 60]).all()
    first = told(values, committed=5000, term_end=day(400)).account("A001")
    assert first is not None
    assert (first.days_unknown, first.used) == (1, 1000)
    assert first.notes == ("1 day of the term is unknown: the mean of the others is taken.",)


def test_an_empty_number_is_unknown_and_no_zero() -> None:
    frame = table(np.full((1, 100), 10.0))
    frame["used"][50] = None
    use = daily(frame, account="account_id", day="day", value="used")
    assert np.isnan(use.values[0, 50])


@pytest.mark.parametrize(
    ("change", "given", "code"),
    [
        ({"used": -1.0}, {}, "usage.negative"),
        ({}, {"committed": -5}, "usage.commitment"),
        ({}, {"term_start": day(5), "term_end": day(5)}, "usage.commitment"),
        ({}, {"price": {"A": "a lot"}}, "usage.commitment"),
        ({}, {"below": (0,)}, "usage.share"),
        ({"account_id": ""}, {}, "table.empty"),
    ],
)
def test_what_cannot_be_is_refused_with_its_code(
    change: dict[str, Any], given: dict[str, Any], code: str
) -> None:
    frame = {"account_id": ["A"], "day": [day(1)], "used": [1.0]} | {
        n: [v] for n, v in change.items()
    }
    with pytest.raises(UserError) as caught:
        burn_forecast(frame, **NAMES, **given)
    assert caught.value.code == code
    assert caught.value.remedy


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(UnknownName):
        told(np.full((1, 40), 1.0), committed="bouhgt")
