"""The tables of use (W17 burn of commitments, W18 odd days): coverage, chances kept, false alarms and recall.

Section 13 of the design names no figures; the targets are a coverage of .80 and, for odd days, a false-discovery rate of .10 a day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
from benchmarks.statistical.printing import beside, markdown, share
from benchmarks.statistical.worlds_usage import Book, w17, w18

from tenure.signals.usage.anomalies import anomalies_of
from tenure.signals.usage.burn import forecast_of
from tenure.signals.usage.daily import Daily
from tenure.signals.usage.model import fit, run_rate
from tenure.signals.usage.past import challenger_wins
from tenure.signals.usage.terms import Term
from tenure.signals.usage.told import Told
from tenure.signals.usage.unusual import unusual

FIRST = date(2025, 1, 6)
AHEAD = (7, 30, 90, 180)


def _daily(values: np.ndarray) -> Daily:
    return Daily(tuple(f"A{n:04}" for n in range(len(values))), FIRST, values)


def _at_end(book: Book, ahead: int, *, alone: bool = False) -> list[tuple[bool, bool, float]]:
    """Per account told: whether the use that came lies in the range, whether the account is young, and the range's width / use."""
    values = book.values[:, : book.today]
    start, end = FIRST + timedelta(days=book.today), FIRST + timedelta(days=book.today + ahead)
    terms = [Term(1e12, start, end, None, segment) for segment in book.segments]
    if alone:
        found = [forecast_of(_daily(values[n : n + 1]), terms[n : n + 1], as_of=_daily(values).last).accounts[0] for n in range(len(values))]  # fmt: skip
    else:
        found = list(forecast_of(_daily(values), terms, as_of=_daily(values).last))
    # Half-open: the first day without the term is `ahead` days after its first.
    came = book.values[:, book.today : book.today + ahead].sum(axis=1)
    told = []
    for one, total, young in zip(found, came, book.planted, strict=True):
        if isinstance(one.forecast, Told) and one.forecast.at_end is not None:
            at = one.forecast.at_end
            told.append(
                (at.p10 <= total <= at.p90, bool(young), (at.p90 - at.p10) / max(total, 1e-9))
            )
    return told


def burn_coverage(runs: int, first_stream: int) -> str:
    """How often the use that came lies between P10 and P90, in books of 60, alone, and of young accounts."""
    rows = []
    for name, given, alone in (
        ("book, 120 days known", {"today": 120}, False),
        ("book, 200 days", {"today": 200}, False),
        ("book, 365 days", {"today": 365}, False),
        ("book, 540 days", {"today": 540}, False),
        ("book, 365 days, level wanders twice as much", {"today": 365, "weekly": 0.08}, False),
        ("book, 365 days, no wandering", {"today": 365, "kind": "steady"}, False),
        ("book, 365 days, use once a month", {"today": 365, "kind": "monthly"}, False),
        ("one account alone, 200 days", {"today": 200, "accounts": 10}, True),
        ("one account alone, 365 days", {"today": 365, "accounts": 10}, True),
        ("young (30–59 days) in a book of 365", {"today": 365, "short": 0.25}, False),
    ):
        only_young = "short" in given
        cells = []
        for ahead in AHEAD:
            told = [
                one
                for run in range(runs)
                for one in _at_end(w17(first_stream + run, **given), ahead, alone=alone)
                if one[1] or not only_young
            ]
            width = np.median([one[2] for one in told])
            cells.append(
                f"{beside([one[0] for one in told], 0.8)}, ± {50 * min(width, 9.99):.0f} %"
            )
        rows.append([name, *cells])
    return markdown(
        ["W17: coverage (target), half width", *(f"{d} days ahead" for d in AHEAD)], rows
    )


def burn_dates(runs: int, first_stream: int) -> str:
    """The chance to run out against what came, and whether the day it ran out on lies between P10 and P90."""
    chances, came, inside, early, late = [], [], [], [], []
    for run in range(runs):
        book = w17(first_stream + run, ahead=120)
        values = book.values[:, : book.today]
        factor = np.random.default_rng(first_stream + run).uniform(0.3, 1.4, len(values))
        bought = 120 * np.nanmean(values[:, -28:], axis=1) * factor
        start, end = FIRST + timedelta(days=book.today), FIRST + timedelta(days=book.today + 120)
        terms = [Term(float(b), start, end, None, s) for b, s in zip(bought, book.segments, strict=True)]  # fmt: skip
        paths = np.cumsum(book.values[:, book.today : book.today + 120], axis=1)
        for n, one in enumerate(forecast_of(_daily(values), terms, as_of=_daily(values).last)):
            assert isinstance(one.forecast, Told)
            over = paths[n] >= bought[n]
            chances.append(one.forecast.p_runs_out)
            came.append(bool(over.any()))
            days = one.forecast.runs_out
            true = start + timedelta(days=int(over.argmax())) if over.any() else date.max
            before, after = true < (days.p10 or date.max), true > (days.p90 or date.max)
            inside.append(not before and not after)
            early.append(before)
            late.append(after)
    p, y = np.array(chances, dtype=float), np.array(came)
    rows = []
    for low, high in ((0, 0.1), (0.1, 0.3), (0.3, 0.7), (0.7, 0.9), (0.9, 1.01)):
        among = (p >= low) & (p < high)
        rows.append([f"{low:.1f} to {min(high, 1):.1f}", str(among.sum()), share(p[among].tolist()), share(y[among].tolist())])  # fmt: skip
    told = markdown(["W17: chance to run out in 120 days", "accounts", "told", "came"], rows)
    return (
        f"{told}\n\nThe day lies between P10 and P90 in {beside(inside, 0.8)} of {len(inside)} accounts "
        f"(before {share(early)}, after {share(late)})."
    )


def burn_contest(runs: int, first_stream: int) -> str:
    """WAPE of use 90 days ahead by the trend, by the plain 28-day rate, and by whichever the contest chose."""
    rows = []
    for name, given, growth in (
        ("wandering", {}, 1.0), ("wandering twice as much", {"weekly": 0.08}, 1.0), ("steady", {"kind": "steady"}, 1.0),
        ("growing 2 % a week", {"kind": "steady"}, 1.02), ("once a month", {"kind": "monthly"}, 1.0),
    ):  # fmt: skip
        missed, total, won = np.zeros(3), 0.0, []
        for run in range(runs):
            book = w17(first_stream + run, ahead=90, **given)
            grown = book.values * growth ** (np.arange(book.values.shape[1]) / 7)
            values, came = grown[:, : book.today], grown[:, book.today :].sum(axis=1)
            trend = fit(values).cumulated(90)[:, -1]
            plain = 90 * run_rate(values)
            wins = challenger_wins(_daily(values), book.segments)
            chosen = np.where(wins, plain, trend)
            missed += [np.abs(told - came).sum() for told in (trend, plain, chosen)]
            total += came.sum()
            won.append(wins.mean())
        rows.append([name, *(f"{m / total:.3f}" for m in missed), share(won)])
    return markdown(
        ["W17: WAPE, 90 days", "trend", "plain rate", "chosen", "plain rate chosen"], rows
    )


def odd_days_quiet(runs: int, first_stream: int) -> str:
    """False alarms in books where nothing is odd, in 28 days."""
    rows = []
    for name, given in (
        ("100 accounts", {}),
        ("100 accounts, counts", {"counts": True}),
        ("100 accounts, noise .40", {"noise": 0.4}),
        ("100 accounts × 3 metrics", {"metrics": 3}),
        ("300 accounts × 3 metrics", {"accounts": 300, "metrics": 3}),
        ("100 accounts, level wanders 8 % a week", {"weekly": 0.08}),
    ):
        days, sustained, shifts, any_day = [], [], [], []
        for run in range(runs):
            book = w18(first_stream + run, **given)
            found = anomalies_of({"use": _daily(book.values)})
            kinds = [one.kind for one in found]
            days.append(kinds.count("day") + kinds.count("sustained"))
            sustained.append(kinds.count("sustained"))
            shifts.append(kinds.count("level shift"))
            told = unusual(book.values, 28, 10).told
            any_day += told.any(axis=0).tolist()
        cells = [f"{np.mean(x):.2f}" for x in (days, sustained, shifts)]
        rows.append([name, *cells, f"{np.mean(any_day):.3f} (.10)"])
    return markdown(
        ["W18, nothing planted, 28 days", "odd days", "of them sustained", "level shifts", "days with a false one"], rows
    )  # fmt: skip


def odd_days_planted(runs: int, first_stream: int) -> str:
    """Recall of planted days: any of them told; of five days also three."""
    rows = []
    for noise in (0.15, 0.25):
        for size in (0.3, 0.5, 2.0, 3.0, 4.0):
            cells = []
            for length in (1, 5):
                hits, three, wrong, all_told = [], [], 0, 0
                for run in range(runs):
                    book = w18(
                        first_stream + run, planted=0.05, size=size, length=length, noise=noise
                    )
                    told = unusual(book.values, 28, 10).told
                    planted = book.planted[:, -28:] > 0
                    found = (told & planted).sum(axis=1)[planted.any(axis=1)]
                    hits += (found >= 1).tolist()
                    three += (found >= 3).tolist()
                    wrong += int((told & ~planted).sum())
                    all_told += int(told.sum())
                cells.append(share(hits))
                if length == 5:
                    cells.append(share(three))
                cells.append(f"{wrong / max(all_told, 1):.2f}")
            rows.append([f"{noise:.2f}", f"× {size:g}", *cells])
    return markdown(
        ["noise", "planted", "one day: found", "false share", "five days: any found", "three found", "false share"], rows
    )  # fmt: skip


def level_shifts_planted(runs: int, first_stream: int) -> str:
    """Recall of steps that begin 3 to 9 weeks before the end, 100 accounts a run."""
    rows = []
    for noise in (0.15, 0.25, 0.4):
        cells = []
        for size in (0.5, 0.7, 1.4, 2.0):
            found, many = 0, 0
            for run in range(runs):
                values = w18(first_stream + run, noise=noise).values
                draws = np.random.default_rng(first_stream + run)
                loud = np.median(values[:, :180], axis=1) >= 12
                for row in values:
                    row[len(row) - 7 * int(draws.integers(3, 10)) :] *= size
                shifts = {
                    one.account
                    for one in anomalies_of({"use": _daily(values)}, days=1)
                    if one.kind == "level shift" and (one.direction == "high") == (size > 1)
                }
                found += sum(f"A{n:04}" in shifts for n in np.flatnonzero(loud))
                many += int(loud.sum())
            cells.append(f"{found / many:.2f}")
        rows.append([f"{noise:.2f}", *cells])
    return markdown(["W18: noise", "× 0.5", "× 0.7", "× 1.4", "× 2"], rows)


TABLES: dict[str, Callable[[int, int], str]] = {
    "burn-coverage": burn_coverage,
    "burn-dates": burn_dates,
    "burn-contest": burn_contest,
    "odd-days-quiet": odd_days_quiet,
    "odd-days-planted": odd_days_planted,
    "level-shifts-planted": level_shifts_planted,
}
