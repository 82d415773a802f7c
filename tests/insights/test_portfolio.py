"""Books against what they could expect: referees, laws, and no order of people anywhere."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import optimize, stats
from scipy.special import gammaln

from tenure.insights import csm_funnel
from tenure.insights.expected import expected_churns
from tenure.insights.limits import dispersion, limits, seen_at, shape, shrunken
from tenure.kernel.errors import UserError

Rows = list[dict[str, Any]]


def books(counts: dict[str, tuple[int, float]], accounts: int = 50) -> Rows:
    """Books by name with their churns and their expected churns, spread evenly over the accounts."""
    return [
        {"csm": name, "churned": place < observed, "expected": expected / accounts}
        for name, (observed, expected) in counts.items()
        for place in range(accounts)
    ]


def funnel(rows: Rows) -> Any:
    return csm_funnel(rows, csm="csm", churned="churned", expected="expected")


def accounts(seed: int, *, size: int = 600, worse: float = 1.0) -> dict[str, list[Any]]:
    """Ten fair books of very different mix; the first may churn `worse` times as often."""
    r = np.random.default_rng(seed)
    book = np.repeat(np.arange(10), size // 10)
    segment = (r.random(size) < np.linspace(0.1, 0.9, 10)[book]).astype(int)
    chance = np.array([0.05, 0.15])[segment] * np.where(book == 0, worse, 1.0)
    return {
        "csm": [f"c{b}" for b in book],
        "churned": (r.random(size) < chance).tolist(),
        "segment": [("large", "small")[s] for s in segment],
        "size": r.uniform(1e3, 1e5, size).tolist(),
        "tenure": r.uniform(0, 2000, size).tolist(),
        "health": [None if r.random() < 0.2 else float(v) for v in r.uniform(0, 100, size)],
    }


FITTED = {"csm": "csm", "churned": "churned", "segment": "segment", "size": "size", "tenure": "tenure",
          "health": "health"}  # fmt: skip


@pytest.mark.parametrize("expected", [3.0, 4.7, 9.0, 33.3])
@pytest.mark.parametrize("phi", [1.0, 1.4, 3.0])
def test_limits_are_those_of_the_exact_distribution(expected: float, phi: float) -> None:
    law = stats.poisson(expected) if phi == 1 else stats.nbinom(expected / (phi - 1), 1 / phi)
    assert law.mean() == pytest.approx(expected)
    assert law.var() == pytest.approx(phi * expected)
    for tail in (0.025, 0.001):
        own = limits(expected, phi, tail)
        assert law.sf(own.high) <= tail < law.sf(own.high - 1)
        assert law.cdf(own.low - 1) <= tail < law.cdf(own.low)
    double = (
        stats.poisson(2 * expected) if phi == 1 else stats.nbinom(2 * expected / (phi - 1), 1 / phi)
    )
    assert seen_at(expected, phi, 2.0, own.high) == pytest.approx(double.sf(own.high))


def test_the_shape_of_shrinkage_is_the_likeliest_of_a_negative_binomial() -> None:
    """The formula is, up to a constant, the likelihood of O under a negative binomial of size k and mean E."""
    r = np.random.default_rng(8)
    expected = r.uniform(3, 30, 60)
    observed = r.poisson(expected * r.gamma(8, 1 / 8, 60)).astype(float)

    def minus(k: float) -> float:
        return -float(stats.nbinom(k, k / (k + expected)).logpmf(observed).sum())

    referee = optimize.minimize_scalar(minus, bounds=(0.5, 400), method="bounded").x
    assert 4 < referee < 100
    assert shape(observed, expected) == pytest.approx(referee, rel=0.03)
    ours = gammaln(observed + 5) - gammaln(5) + 5 * np.log(5 / (5 + expected))
    ours += observed * np.log(expected / (5 + expected)) - gammaln(observed + 1)
    assert ours.sum() == pytest.approx(-minus(5.0))


def test_the_shape_is_never_below_four() -> None:
    assert shape(np.array([0.0, 40.0, 0.0, 50.0]), np.array([9.0, 9.0, 9.0, 9.0])) == 4


def test_a_shrunken_ratio_by_pencil() -> None:
    found = shrunken(10, 4, 6)
    assert found.estimate == pytest.approx(1.6)
    law = stats.gamma(16, scale=1 / 10)
    assert law.cdf(found.high) - law.cdf(found.low) == pytest.approx(0.9)


def test_dispersion_by_pencil_pulls_in_one_wild_book() -> None:
    """Eleven books of 9: ten see 9 or 4 (z = -2), one sees 100 (z = 14), which the winsorising pulls to 0."""
    observed = np.array([4.0] * 5 + [9.0] * 5 + [100.0])
    assert dispersion(observed, np.full(11, 9.0)) == pytest.approx(max(1, 5 * 4 / 11))
    assert dispersion(np.full(11, 9.0), np.full(11, 9.0)) == 1


def test_a_book_by_pencil_says_what_it_would_take() -> None:
    found = funnel(books({"ana": (5, 5.0), "bo": (6, 5.0), "cy": (16, 5.0)}))
    ana, _, cy = found.books
    assert found.dispersion == pytest.approx(dispersion(np.array([5.0, 6, 16]), np.full(3, 5.0)))
    top = limits(5.0, found.dispersion, 0.001).high
    assert ana.noticeable_from == pytest.approx((top + 1) / 5)
    assert ana.says == (
        f"5 of 50 accounts left: as this book predicts (0 to {top}). It would take {top + 1}, "
        f"{(top + 1) / 5:.1f} times the expected 5.0, to be noticeable at all."
    )
    assert cy.ratio == pytest.approx(3.2)
    assert 1 < cy.shrunken.estimate < cy.ratio


def test_a_book_outside_the_limits_is_a_question_and_no_verdict() -> None:
    fair = {f"c{n}": (5, 5.0) for n in range(9)}
    found = funnel(books({**fair, "out": (16, 5.0)}))
    out = next(book for book in found.books if book.csm == "out")
    assert out.stands_out
    assert out.within == limits(5.0, 1.0, 0.001)
    assert out.says == (
        "16 of 50 accounts left, where this book predicts 0 to 13. That is a question to ask, with the accounts at "
        "hand, and no verdict."
    )
    assert found.says == "1 book of 10 outside what the accounts predict: a question to ask."


def test_a_small_book_is_withheld_with_every_number_of_it() -> None:
    found = funnel(books({"ana": (12, 2.9), "bo": (4, 3.0), "cy": (5, 6.0)}))
    ana = found.books[0].to_dict()
    assert ana["withheld"]["reason"] == "withheld"
    shown = {
        k: v
        for k, v in ana.items()
        if k not in ("csm", "accounts", "says", "withheld", "stands_out")
    }
    assert shown.pop("shrunken") == [None, None, None]
    assert set(shown.values()) == {None}
    assert not ana["stands_out"]
    assert "too few expected churns" in found.says
    assert found.books[1].withheld is None


def test_books_stand_by_name_and_nothing_speaks_of_rank() -> None:
    r = np.random.default_rng(11)
    rows = books({f"c{n:02}": (int(r.poisson(6)), 6.0) for n in range(20)})
    there = funnel(rows)
    back = funnel([rows[i] for i in r.permutation(len(rows))])
    assert there == back
    assert [book.csm for book in there.books] == sorted(book.csm for book in there.books)
    assert there.order == "by name"
    said = str(there.to_dict()).lower()
    for word in ("rank", "best", "worst", "percentile", "top ", "bottom", "red", "green", "cause"):
        assert word not in said.replace("shrunken", "").replace("predict", "").replace(
            "order", ""
        ), word


def test_identical_books_are_almost_never_flagged_while_plain_ratios_run_wild() -> None:
    flags, widest = 0, 0.0
    for seed in range(60):
        r = np.random.default_rng([seed, 99])
        found = funnel(books({f"c{n:02}": (int(r.poisson(5)), 5.0) for n in range(20)}))
        flags += any(book.stands_out for book in found.books)
        widest = max(widest, *(book.ratio for book in found.books))
    assert flags <= 3
    assert widest > 2


def test_a_book_is_never_in_its_own_expectation() -> None:
    frame = accounts(3)
    turned = {
        **frame,
        "churned": [
            not c if b == "c4" else c for c, b in zip(frame["churned"], frame["csm"], strict=True)
        ],
    }
    for one, other in zip(
        csm_funnel(frame, **FITTED).books, csm_funnel(turned, **FITTED).books, strict=True
    ):
        if one.csm == "c4":
            assert one.expected == other.expected
            assert one.observed != other.observed
        else:
            assert one.expected != other.expected


def test_expectation_by_segment_alone_is_close_to_the_other_books_rates() -> None:
    frame = accounts(5, size=2_000)
    churned = np.array(frame["churned"], dtype=float)
    found = expected_churns(frame["csm"], churned, words={"segment": frame["segment"]}, numbers={})
    segment, book = np.array(frame["segment"]), np.array(frame["csm"])
    for name in ("c0", "c9"):
        for word in ("small", "large"):
            rate = churned[(segment == word) & (book != name)].mean()
            assert found[(segment == word) & (book == name)] == pytest.approx(rate, abs=0.01)


def test_a_fitted_book_of_risky_accounts_is_not_blamed_for_them_and_order_changes_nothing() -> None:
    frame = accounts(7, size=1_500)
    found = csm_funnel(frame, **FITTED)
    safe, risky = found.books[0], found.books[-1]
    assert risky.expected > 1.7 * safe.expected
    assert not any(book.stands_out for book in found.books)
    order = np.random.default_rng(1).permutation(1_500)
    shuffled = csm_funnel({name: [own[i] for i in order] for name, own in frame.items()}, **FITTED)
    for one, other in zip(found.books, shuffled.books, strict=True):
        assert one.expected == pytest.approx(other.expected, rel=1e-9)
    worse = csm_funnel(accounts(7, size=1_500, worse=4.0), **FITTED)
    assert worse.books[0].stands_out


def test_too_little_is_refused_with_counts() -> None:
    frame = accounts(2, size=60)
    frame["churned"] = [True] * 4 + [False] * 56
    few = csm_funnel(frame, **FITTED)
    assert few.refused is not None
    assert (
        few.says
        == "You have 4 churns in all books together. 6 more and what a book could expect can be told."
    )
    alone = funnel(books({"ana": (12, 8.0)}))
    assert alone.refused is not None
    assert alone.refused.reason == "no_data"
    assert math.isnan(alone.k)


def test_columns_that_are_missing_or_wrong_say_so() -> None:
    rows = books({"ana": (5, 5.0), "bo": (6, 5.0)})
    with pytest.raises(UserError) as missing:
        csm_funnel(rows, csm="csm", churned="churned")
    assert missing.value.code == "books.columns"
    rows[3]["expected"] = None
    with pytest.raises(UserError) as gap:
        funnel(rows)
    assert gap.value.code == "books.expected"
