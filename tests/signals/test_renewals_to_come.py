"""Forecasts learned from renewals: settled ones are certain, chances come from what was nearest, refusals say what is lacking."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from tenure.kernel.errors import UserError
from tenure.kernel.unknown import Unknown
from tenure.signals import forecast, forecast_renewals


def table(*, effect: bool = True, past: int = 400, coming: int = 40) -> list[dict[str, Any]]:
    """Renewals over ten quarters; where there is an effect, those of low use are lost three times in ten, others hardly."""
    draws = np.random.default_rng(5)
    rows = []
    for n in range(past + coming):
        day = (
            date(2024, 1, 1) + timedelta(days=int(900 * n / past))
            if n < past
            else date(2026, 10, 5)
        )
        use = float(draws.uniform(0, 100))
        odds = (0.45 if use < 30 else 0.03) if effect else 0.12
        lost = int(draws.random() < odds)
        rows.append(
            {
                "account": f"A{n:03}", "due": str(day), "churned": lost if n < past else None, "arr": "1000.00",
                "after": (0 if lost else 1000) if n < past else None, "use": use, "luck": float(draws.random()),
                "segment": ("smb", "enterprise")[n % 2],
            }
        )  # fmt: skip
    return rows


def test_a_number_that_tells_is_used_and_one_that_does_not_is_not() -> None:
    told = forecast_renewals(table())
    assert not isinstance(told, Unknown)
    assert told.chances.contender in ("learned score", "best single metric", "equal weights")
    assert {one.contender: one.skill for one in told.chances.tried}[told.chances.contender] > 0.05
    low = told.chances.coming[[row["use"] < 30 for row in table()[400:]]]
    high = told.chances.coming[[row["use"] > 40 for row in table()[400:]]]
    assert low.mean() > 5 * high.mean()
    assert low.min() > high.max()


def test_without_an_effect_every_renewal_has_nearly_its_segments_rate() -> None:
    told = forecast_renewals(table(effect=False))
    assert not isinstance(told, Unknown)
    assert np.ptp(told.chances.coming) < 0.15
    assert told.chances.coming.mean() == pytest.approx(told.lost / told.past, abs=0.05)


def test_the_past_is_told_without_its_own_outcomes() -> None:
    rows = table()
    changed = [dict(row) for row in rows]
    for row in changed:
        if "2026-01-01" <= row["due"] < "2026-10-01":
            row["churned"], row["after"] = 1 - row["churned"], 1000 * row["churned"]
    before, after = forecast_renewals(rows), forecast_renewals(changed)
    assert not isinstance(before, Unknown)
    assert not isinstance(after, Unknown)
    early = np.array([row["due"] < "2026-01-01" for row in rows[:400]])
    first = {one.contender for one in before.chances.tried}
    assert first == {one.contender for one in after.chances.tried}
    if before.chances.contender == after.chances.contender:
        assert np.array_equal(before.chances.past[early], after.chances.past[early], equal_nan=True)
    assert not np.array_equal(before.chances.coming, after.chances.coming)


def test_settled_renewals_are_certain() -> None:
    rows = [{"account": f"A{n}", "arr": 100, "p_churn": 0.5, "after": 100 if n < 6 else 0} for n in range(10)]  # fmt: skip
    told = forecast(rows)
    assert not isinstance(told, Unknown)
    assert told.grr.p10 == told.grr.p50 == told.grr.p90 == pytest.approx(0.6)
    assert told.contributors == ()
    some = forecast([*rows, {"account": "open", "arr": 1000, "p_churn": 0.5, "after": None}])
    assert not isinstance(some, Unknown)
    assert some.before == Decimal(2000)
    assert some.grr.p10 == pytest.approx(0.3)
    assert some.grr.p90 == pytest.approx(0.8)
    assert [one.account for one in some.contributors] == ["open"]


def test_a_signed_renewal_in_a_table_needs_no_chance() -> None:
    rows = table()
    for row in rows[400:]:
        row["after"] = 1000
    told = forecast_renewals(rows, target=0.9)
    assert not isinstance(told, Unknown)
    (quarter,) = told.quarters
    assert (quarter.period, quarter.renewals, quarter.settled) == ("2026-Q4", 40, 40)
    assert not isinstance(quarter.forecast, Unknown)
    assert (quarter.forecast.grr.p10, quarter.forecast.reaches) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (table(past=20), "20 past renewals are settled; 10 more are needed"),
        ([row | {"churned": 0} if row["churned"] else row for row in table(past=60)], "None of 60 past renewals was lost"),
        (table(coming=0), "No renewal is to come."),
    ],
)  # fmt: skip
def test_too_little_is_refused_with_what_is_lacking(rows: list[dict[str, Any]], says: str) -> None:
    told = forecast_renewals(rows)
    assert isinstance(told, Unknown)
    assert says in told.says


def test_few_losses_leave_the_segments_rate_and_say_how_many_more() -> None:
    rows = table(effect=False, past=60)
    told = forecast_renewals(rows)
    assert not isinstance(told, Unknown)
    assert told.chances.contender == "segment base rate"
    assert "more are needed before anything else is believed" in told.says


def test_an_empty_due_day_is_told() -> None:
    rows = [{**row, "due": None} if n == 3 else row for n, row in enumerate(table())]
    with pytest.raises(UserError, match="`due` is empty in row 4"):
        forecast_renewals(rows)


def test_the_same_stream_gives_the_same_forecast() -> None:
    first, second = forecast_renewals(table(), stream=3), forecast_renewals(table(), stream=3)
    assert not isinstance(first, Unknown)
    assert not isinstance(second, Unknown)
    assert first.to_dict() == second.to_dict()
