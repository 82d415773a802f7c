"""Rates, intervals and stratified tables against published examples and against each other."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.signals.rates import (
    benjamini_hochberg,
    benjamini_yekutieli,
    e_value,
    mantel_haenszel_difference,
    mantel_haenszel_odds,
    mantel_haenszel_ratio,
    newcombe,
    wilson,
)

UCLA = [(8, 5, 3, 11), (4, 7, 7, 7), (12, 3, 4, 9)]


def test_wilson_agrees_with_newcombes_worked_examples() -> None:
    """Newcombe 1998 (Two-sided intervals for the single proportion), table I, method 3."""
    for k, n, low, high in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (1, 29, 0.0061, 0.1718),
    ]:
        found = wilson(k, n)
        assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert wilson(0, 20).low == 0
    assert wilson(0, 20).high == pytest.approx(0.1611, abs=5e-5)


def test_newcombe_agrees_with_his_worked_examples() -> None:
    """Newcombe 1998 (Interval estimation for the difference), table II, method 10."""
    for k1, n1, k0, n0, low, high in [
        (56, 70, 48, 80, 0.0524, 0.3339), (9, 10, 3, 10, 0.1705, 0.8090), (10, 10, 0, 10, 0.6075, 1.0),
    ]:  # fmt: skip
        found = newcombe(k1, n1, k0, n0)
        assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_benjamini_and_hochbergs_own_example_takes_four_of_fifteen() -> None:
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
         0.5719, 0.6528, 0.7590, 1.0000]  # fmt: skip
    assert (benjamini_hochberg(p) <= 0.05).sum() == 4
    assert (benjamini_yekutieli(p) >= benjamini_hochberg(p)).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_a_q_value_is_never_below_its_p_value_and_keeps_their_order(p: list[float]) -> None:
    q = benjamini_hochberg(p)
    assert (q >= np.asarray(p) - 1e-12).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(q[order]) >= -1e-12).all()


def test_one_stratum_gives_the_plain_table() -> None:
    log, error = mantel_haenszel_odds([(12, 5, 7, 20)])
    assert log == pytest.approx(math.log(12 * 20 / (5 * 7)))
    assert error == pytest.approx(math.sqrt(1 / 12 + 1 / 5 + 1 / 7 + 1 / 20))
    difference, _, share = mantel_haenszel_difference([(12, 5, 7, 20)])
    assert difference == pytest.approx(12 / 17 - 7 / 27)
    assert share == 1
    ratio = mantel_haenszel_ratio([(12, 5, 7, 20)])
    assert ratio.estimate == pytest.approx((12 / 17) / (7 / 27))


def test_strata_with_one_arm_drop_out_and_their_share_is_told() -> None:
    both, alone = (12.0, 5.0, 7.0, 20.0), (6.0, 4.0, 0.0, 0.0)
    assert mantel_haenszel_difference([both, alone])[0] == mantel_haenszel_difference([both])[0]
    assert mantel_haenszel_difference([both, alone])[2] == pytest.approx(44 / 54)
    assert math.isnan(mantel_haenszel_odds([alone])[0])


def test_swapping_arms_mirrors_every_measure() -> None:
    swapped = [(c, d, a, b) for a, b, c, d in UCLA]
    assert mantel_haenszel_odds(swapped)[0] == pytest.approx(-mantel_haenszel_odds(UCLA)[0])
    assert mantel_haenszel_difference(swapped)[0] == pytest.approx(
        -mantel_haenszel_difference(UCLA)[0]
    )
    there, back = mantel_haenszel_ratio(UCLA), mantel_haenszel_ratio(swapped)
    assert back.estimate == pytest.approx(1 / there.estimate)
    assert back.high == pytest.approx(1 / there.low)


def test_the_e_value_of_the_papers_example() -> None:
    """VanderWeele & Ding 2017: smoking, 10.73 gives 20.9; a ratio below one is turned round."""
    assert e_value(10.73) == pytest.approx(20.94, abs=0.01)
    assert e_value(1 / 10.73) == pytest.approx(20.94, abs=0.01)
    assert e_value(1.0) == 1.0
