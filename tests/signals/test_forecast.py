"""The renewal forecast against arithmetic done another way: moments, quadrature, planted quarters, refusals."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

import tenure.signals as signals
from tenure.kernel.errors import UserError
from tenure.kernel.unknown import Unknown
from tenure.signals.forecasting.calls import calls
from tenure.signals.forecasting.shock import GRID, Past, log_likelihood, prior, spread
from tenure.signals.forecasting.simulate import Renewing, calibration_lines, simulate
from tenure.signals.forecasting.sizes import Moves


def book(count: int = 60, *, number: int = 1) -> Renewing:
    rng = np.random.default_rng(number)
    p = 1 / (1 + np.exp(-rng.normal(-2, 1, count)))
    return Renewing(np.exp(rng.normal(9, 1, count)), p, np.zeros(count), ("smb",) * count)


def quarter(tau: float, rng: np.random.Generator, count: int = 150) -> Past:
    eta = rng.normal(-2, 1, count)
    u = tau * rng.standard_normal()
    y = rng.random(count) < 1 / (1 + np.exp(-(eta + u)))
    return Past(1 / (1 + np.exp(-eta)), y.astype(float))


def coming(count: int = 40) -> dict[str, list[Any]]:
    return {
        "account": [f"a{i}" for i in range(count)],
        "arr": [f"{1000 + 10 * i}.50" for i in range(count)],
        "p_churn": [0.05 + 0.005 * i for i in range(count)],
        "segment": ["smb" if i % 2 else "mid" for i in range(count)],
    }


def gone(periods: int = 5, each: int = 60, **more: Any) -> dict[str, list[Any]]:
    rng = np.random.default_rng(2)
    rows = periods * each
    out = (rng.random(rows) < 0.12).astype(int)
    after = np.where(rng.random(rows) < 0.2, 800, np.where(rng.random(rows) < 0.3, 1300, 1000))
    return {
        "period": [f"2025-Q{1 + i // each}" for i in range(rows)],
        "arr": ["1000"] * rows,
        "p_churn": [0.12] * rows,
        "outcome": out.tolist(),
        "after": after.tolist(),
        "segment": ["smb" if i % 2 else "mid" for i in range(rows)],
        **more,
    }


def test_without_a_shock_the_draws_have_the_moments_of_independent_leavers() -> None:
    b = book()
    w = b.amount / b.amount.sum()

    grr = simulate(b, None, np.random.default_rng(0), 10_000).grr

    sd = math.sqrt((w**2 * b.p * (1 - b.p)).sum())
    third = -(w**3 * b.p * (1 - b.p) * (1 - 2 * b.p)).sum()
    assert grr.mean() == pytest.approx((w * (1 - b.p)).sum(), abs=4 * sd / 100)
    assert grr.std() == pytest.approx(sd, rel=0.03)
    assert ((grr - grr.mean()) ** 3).mean() == pytest.approx(third, rel=0.25)


def test_equal_amounts_and_odds_give_the_binomial() -> None:
    b = Renewing(np.ones(20), np.full(20, 0.2), np.zeros(20), ("",) * 20)

    left = np.rint(20 * (1 - simulate(b, None, np.random.default_rng(3), 10_000).grr))

    for k in range(9):
        exact = math.comb(20, k) * 0.2**k * 0.8 ** (20 - k)
        assert (left == k).mean() == pytest.approx(exact, abs=0.016)


def test_a_common_shock_widens_and_the_shares_of_variance_add_up_to_one() -> None:
    b = book()
    alone = simulate(b, None, np.random.default_rng(0), 4000)
    shocked = simulate(b, spread([]), np.random.default_rng(0), 4000)

    assert shocked.grr.std() > 1.05 * alone.grr.std()
    for drawn in (alone, shocked):
        assert drawn.shares.sum() == pytest.approx(1)
    w = b.amount * b.amount * b.p * (1 - b.p)
    assert alone.shares == pytest.approx(w / w.sum(), abs=0.04)
    assert int(np.argmax(alone.shares)) == int(np.argmax(w))


def test_the_blocks_of_draws_leave_no_draw_out() -> None:
    rng = np.random.default_rng(0)
    wide = Renewing(np.ones(900), np.full(900, 0.1), np.zeros(900), ("",) * 900)

    drawn = simulate(wide, None, rng, 3_001)

    assert drawn.grr.min() > 0.8
    assert drawn.kept.mean() == pytest.approx(0.9, abs=0.01)


def test_the_likelihood_of_a_quarter_agrees_with_a_plain_integral() -> None:
    past = quarter(0.4, np.random.default_rng(5), 80)
    told = log_likelihood(past)
    eta = np.log(past.p / (1 - past.p))
    u = np.linspace(-6, 6, 4001)
    given = [np.sum(past.y * (eta + v) - np.logaddexp(0, eta + v)) for v in u]

    for place in (4, 10, 20, 32):
        tau = GRID[place]
        weight = np.exp(-0.5 * (u / tau) ** 2) / (tau * math.sqrt(2 * math.pi))
        by_hand = math.log(float(np.sum(np.exp(given) * weight) * (u[1] - u[0])))
        assert told[place] == pytest.approx(by_hand, abs=2e-3)
    assert told[0] == pytest.approx(np.sum(past.y * eta - np.logaddexp(0, eta)))


def test_the_prior_is_log_normal_around_a_quarter_and_sums_to_one() -> None:
    p = prior()

    assert p.sum() == pytest.approx(1)
    assert spread([]).quantile(0.5) == pytest.approx(0.25, abs=0.03)
    assert p[0] < 0.001


@pytest.mark.parametrize("tau", [0.05, 0.6])
def test_planted_quarters_narrow_the_spread_towards_the_truth(tau: float) -> None:
    rng = np.random.default_rng(7)
    quarters = [quarter(tau, rng) for _ in range(24)]
    widths = [
        one.quantile(0.9) - one.quantile(0.1) for one in map(spread, (quarters[:0], quarters))
    ]

    assert widths[1] < 0.75 * widths[0]
    assert abs(spread(quarters).mean - tau) < 0.7 * abs(spread([]).mean - tau)


def test_a_call_moves_nothing_before_ten_outcomes_and_then_less_than_it_was_wrong() -> None:
    p, left = np.full(30, 0.2), np.zeros(30)
    few = calls(["commit"] * 9, p[:9], left[:9])["commit"]
    many = calls(["commit"] * 30, p, left)["commit"]
    more = calls(["risk"] * 20 + [""] * 10, p, np.ones(30))

    assert (few.shift, few.outcomes) == (0.0, 9)
    assert -2 < many.shift < -0.8
    # At the posterior's top the residual balances the prior's pull.
    eta = math.log(0.25)
    assert 30 * (0 - 1 / (1 + math.exp(-(eta + many.shift)))) == pytest.approx(many.shift)
    assert list(more) == ["risk"]
    assert more["risk"].shift > 1
    assert (more["risk"].left, more["risk"].expected) == (20, pytest.approx(4))


def test_planted_worth_of_calls_is_found_and_a_word_without_worth_stays_near_nothing() -> None:
    rng = np.random.default_rng(11)
    found: dict[str, list[float]] = {"commit": [], "hope": []}
    for _ in range(40):
        eta = rng.normal(-1.5, 1, 240)
        words = np.where(rng.random(240) < 0.5, "commit", "hope")
        y = rng.random(240) < 1 / (1 + np.exp(-(eta - 1.2 * (words == "commit"))))
        told = calls(words.tolist(), 1 / (1 + np.exp(-eta)), y.astype(float))
        for word, kept in found.items():
            kept.append(told[word].shift)

    # The Normal(0, 1) prior draws a little towards 0, never away from it.
    assert -1.25 < np.mean(found["commit"]) < -0.85
    assert abs(np.mean(found["hope"])) < 0.12


def test_amounts_move_by_segment_drawn_towards_the_company() -> None:
    ratios = np.array([0.5] * 10 + [1.0] * 30 + [1.2] * 60)
    moves = Moves(ratios, ("small",) * 10 + ("large",) * 90)

    assert moves.share("small", up=False) == pytest.approx((10 + 20 * 0.1) / 30)
    assert moves.share("unseen", up=False) == pytest.approx(0.1)
    drawn = moves.draw(np.random.default_rng(1), ["small", "large"], 4000)
    assert set(np.unique(drawn)) <= {0.5, 1.0, 1.2}
    assert (drawn[:, 0] < 1).mean() == pytest.approx(0.4, abs=0.03)
    assert (drawn[:, 1] > 1).mean() == pytest.approx((60 + 20 * 0.6) / 110, abs=0.03)


def test_the_calibration_is_drawn_around_no_change_and_less_with_more_outcomes() -> None:
    rng = np.random.default_rng(3)
    p = 1 / (1 + np.exp(-rng.normal(-1, 1, 3000)))
    y = (rng.random(3000) < p).astype(float)

    some = calibration_lines(p[:300], y[:300], rng, 60)
    more = calibration_lines(p, y, rng, 60)

    assert more.mean(axis=0) == pytest.approx([0, 1])
    assert (more.std(axis=0) < 0.6 * some.std(axis=0)).all()
    assert calibration_lines(p[:8], y[:8], rng).tolist() == [[0.0, 1.0]]


def test_the_door_tells_ranges_money_and_who_makes_it_wide() -> None:
    table = coming()
    table["arr"][0] = "90000"
    told = signals.forecast(table, past=gone(), target=0.8)

    assert told.grr.p10 < told.grr.p50 < told.grr.p90 <= 1
    assert told.nrr.p50 > told.grr.p50
    assert told.before == sum(Decimal(a) for a in table["arr"])
    assert told.kept["p50"] == (told.before * Decimal(told.grr.p50)).quantize(Decimal("0.01"))
    assert told.contributors[0].account == "a0"
    assert "a0 alone" in told.says
    assert 0 < told.reaches < 1
    assert told.shock.periods == 5
    assert len(told.record.periods) == 5
    assert "past periods lay inside" in told.record.says
    assert json.loads(json.dumps(told.to_dict(), allow_nan=False))["before"] == str(told.before)


def test_the_same_number_gives_the_same_forecast() -> None:
    first, again = signals.forecast(coming()), signals.forecast(coming())

    assert first.grr == again.grr
    assert signals.forecast(coming(), number=1).grr != first.grr


def test_without_a_past_the_forecast_says_what_it_assumes_and_leaves_growth_unknown() -> None:
    told = signals.forecast(coming())

    assert isinstance(told.nrr, Unknown)
    assert told.record.says.startswith("untested")
    assert any("assumption" in note for note in told.notes)
    assert any("Only leaving" in note for note in told.notes)
    assert told.reaches is None


def test_a_past_call_shifts_the_coming_one() -> None:
    words = ["commit"] * 300
    kind = gone(call=words, outcome=[0] * 300)
    table = coming() | {"call": ["commit"] * 40}

    assert (
        signals.forecast(table, past=kind).grr.expected
        > signals.forecast(coming(), past=kind).grr.expected
    )
    assert signals.forecast(table, past=kind).calls["commit"].shift < -1


def test_nothing_to_renew_is_unknown_and_never_a_number() -> None:
    empty: dict[str, list[Any]] = {"account": [], "arr": [], "p_churn": []}
    free = {"account": ["a"], "arr": [0], "p_churn": [0.5]}

    assert signals.forecast(empty).reason == "no_data"
    assert signals.forecast(free).reason == "undefined"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"p_churn": [0.1, None]}, "forecast.p"),
        ({"p_churn": [0.1, 1.0]}, "forecast.p"),
        ({"arr": ["1", "-1"]}, "forecast.amount"),
        ({"arr": ["1", "much"]}, "forecast.amount"),
    ],
)
def test_a_renewal_that_cannot_be_read_says_which_row(change: dict[str, Any], code: str) -> None:
    table = {"account": ["a", "b"], "arr": [1, 2], "p_churn": [0.1, 0.2]} | change

    with pytest.raises(UserError, match="row 2") as error:
        signals.forecast(table)
    assert error.value.code == code


def test_a_past_renewal_without_an_outcome_is_refused() -> None:
    table = gone()
    table["outcome"][3] = ""

    with pytest.raises(UserError, match="row 4") as error:
        signals.forecast(coming(), past=table)
    assert error.value.code == "forecast.outcome"
