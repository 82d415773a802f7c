"""Verdicts on a threshold: the first rule that applies, its limits, and how often it is right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted_panels import rng
from scipy import stats

from tenure.signals.verdict import Counted, Learned0, fisher_greater, verdict

PROMISED = Learned0.of(Counted(25, 100, 22, 488))


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 40), st.integers(0, 60))
def test_fishers_p_is_that_of_scipy(k1: int, s1: int, k0: int, s0: int) -> None:
    counted = Counted(k1, k1 + s1, k0, k0 + s0)
    theirs = stats.fisher_exact([[k1, s1], [k0, s0]], alternative="greater").pvalue

    if counted.n1 and counted.events:
        assert fisher_greater(counted) == pytest.approx(theirs, rel=1e-8, abs=1e-12)
    else:
        assert fisher_greater(counted) == 1.0


@pytest.mark.parametrize(
    ("now", "word"),
    [
        (Counted(3, 20, 1, 80), "not_enough_events"),
        (Counted(10, 40, 8, 160), "holds"),
        (Counted(4, 60, 12, 180), "decayed"),
        (Counted(2, 30, 4, 60), "inconclusive"),
        (Counted(0, 0, 20, 200), "recalibrate"),
        (Counted(4, 10, 26, 190), "recalibrate"),
    ],
)
def test_the_first_rule_that_applies_gives_the_word(now: Counted, word: str) -> None:
    assert verdict(now, PROMISED).word == word


def test_a_line_that_would_be_drawn_elsewhere_today_is_to_be_recalibrated() -> None:
    now = Counted(10, 40, 8, 160)

    assert verdict(now, PROMISED, cut_in_use_inside_relearned=True).word == "holds"
    assert verdict(now, PROMISED, cut_in_use_inside_relearned=False).word == "recalibrate"


def test_nobody_flagged_is_a_p_of_one_and_no_lift() -> None:
    found = verdict(Counted(0, 0, 12, 100), PROMISED)

    assert (found.p, found.lift) == (1.0, 0.0)
    assert found.to_dict()["difference"] == [None, None, None]


def words(
    events: int, share: float, inside: float, outside: float, runs: int = 400
) -> dict[str, float]:
    """How often each word falls when rows are drawn until there are so many events."""
    draws, found = rng(events), {}
    for _ in range(runs):
        rate = share * inside + (1 - share) * outside
        n = events + int(draws.negative_binomial(events, rate))
        k1 = int(draws.binomial(events, share * inside / rate))
        n1 = k1 + int(draws.binomial(n - events, share * (1 - inside) / (1 - rate)))
        word = verdict(Counted(k1, n1, events - k1, n - n1), PROMISED).word
        found[word] = found.get(word, 0) + 1 / runs
    return found


def test_a_relation_that_stands_is_upheld_and_one_that_is_gone_is_called_decayed() -> None:
    """Shares of the design's table, less two standard errors of 400 runs."""
    stands, gone, moved = (
        words(25, 0.17, 0.25, 0.045),
        words(40, 0.17, 0.08, 0.08),
        words(25, 0.03, 0.25, 0.079),
    )

    assert stands["holds"] >= 0.97
    assert stands.get("decayed", 0) <= 0.02
    assert gone["decayed"] >= 0.76
    assert gone.get("holds", 0) <= 0.05
    assert moved["recalibrate"] >= 0.96
    assert "decayed" not in words(7, 0.17, 0.08, 0.08)


def test_a_difference_of_nothing_is_unknown_and_not_zero() -> None:
    assert np.isnan(Counted(0, 0, 1, 10).difference)
    assert np.isnan(Counted(0, 5, 0, 10).recall)
