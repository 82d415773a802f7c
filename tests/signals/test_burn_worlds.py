"""Forecasts of use in worlds whose future is known: ranges hold, and chances are kept. Tables: benchmarks/statistical."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from daily_use import FIRST, NAMES, table

from tenure.signals import burn_forecast
from tenure.signals.usage.burn import Burns
from tenure.signals.usage.told import Told

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks" / "statistical"))
from worlds_usage import w17  # noqa: E402


def told(values: np.ndarray, **given: Any) -> Burns:
    return burn_forecast(table(values), **NAMES, **given)


def day(place: int) -> date:
    return FIRST + timedelta(days=place)


@pytest.mark.parametrize("alone", [False, True])
def test_four_of_five_futures_lie_in_the_range(alone: bool) -> None:
    held: dict[int, list[bool]] = {30: [], 90: []}
    for number in (2101, 2102, 2103):
        book = w17(number, accounts=40, ahead=90, short=0.0)
        values = book.values[:, : book.today]
        for ahead, hits in held.items():
            end = day(book.today + ahead)
            start = day(book.today)
            segments = {f"A{n:03}": s for n, s in enumerate(book.segments)}
            if alone:
                found = [
                    one for row in values[:7] for one in told(row[None, :], committed=1e9, term_start=start, term_end=end)
                ]  # fmt: skip
            else:
                found = list(told(values, committed=1e9, term_start=start, term_end=end, segment=segments))  # fmt: skip
            came = book.values[:, book.today : book.today + ahead].sum(axis=1)
            for one, total in zip(found, came.tolist(), strict=False):
                assert isinstance(one.forecast, Told)
                assert one.forecast.at_end is not None
                hits.append(one.forecast.at_end.p10 <= total <= one.forecast.at_end.p90)
    for hits in held.values():
        # 21 and 120 futures: three standard errors around .80, and more where one draws wide ranges from little.
        assert (0.58 if alone else 0.69) <= float(np.mean(hits)) <= (1.0 if alone else 0.91)


def test_a_chance_to_run_out_is_kept_as_often_as_it_says() -> None:
    chances, came = [], []
    for number in (2201, 2202, 2203, 2204):
        book = w17(number, accounts=40, ahead=90)
        values = book.values[:, : book.today]
        rate = 90 * np.nanmean(values[:, -28:], axis=1)
        factor = np.random.default_rng(number).uniform(0.8, 1.2, 40)
        bought = {f"A{n:03}": v for n, v in enumerate((rate * factor).tolist())}
        found = told(values, committed=bought, term_start=day(365), term_end=day(455))
        future = book.values[:, 365:455].sum(axis=1)
        for one, total in zip(found, future.tolist(), strict=True):
            assert isinstance(one.forecast, Told)
            chances.append(one.forecast.p_runs_out or 0.0)
            came.append(total >= bought[one.account])
    p, y = np.array(chances), np.array(came)
    assert abs(p.mean() - y.mean()) < 0.1
    assert y[p > 0.8].mean() > 0.75
    assert y[p < 0.2].mean() < 0.25
    # A forecast that is right has a Brier score of mean p(1 - p); 160 futures differ from it by .02.
    assert ((p - y) ** 2).mean() < (p * (1 - p)).mean() + 0.04
