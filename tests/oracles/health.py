"""Health (metrics 3.2), counted by hand."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from oracles.balance import ZERO
from oracles.book import days_to_renewal
from oracles.reading import NO_DATA, TOO_LITTLE, UNDEFINED, Missing
from oracles.renewals import share
from oracles.standing import Life, Row

Found = dict[str, Any]
Slope = dict[str, Any]


def scores(life: Life, account: str, until: date) -> list[Row]:
    """The account's scores up to a day, oldest first."""
    return sorted(
        (
            row
            for row in life.table("health_scores")
            if row["account_id"] == account and row["score_date"] <= until
        ),
        key=lambda row: row["score_date"],
    )


def health_score(life: Life, *, stale_days: int = 30) -> Found:
    """The last score, however old."""
    last = {name: (scores(life, name, life.as_of) or [None])[-1] for name in life.accounts}
    old = [
        name
        for name, row in last.items()
        if row and (life.as_of - row["score_date"]).days > stale_days
    ]
    return {
        "by_account": {
            name: Fraction(row["score"]) if row else NO_DATA for name, row in last.items()
        },
        "stale": life.listed(old),
        "unscored": life.listed(name for name, row in last.items() if row is None),
    }


def health_score_delta_90d(life: Life) -> Found:
    """The score now less the score 90 days ago, each carried forward, under one model."""
    moved: dict[str, Fraction | Missing] = {}
    for name in life.accounts:
        now = scores(life, name, life.as_of)
        then = scores(life, name, life.as_of - timedelta(days=90))
        if not now:
            moved[name] = NO_DATA
        elif not then or then[-1]["model_version"] != now[-1]["model_version"]:
            moved[name] = TOO_LITTLE
        else:
            moved[name] = Fraction(now[-1]["score"]) - Fraction(then[-1]["score"])
    return {"by_account": moved}


def slope(
    life: Life, account: str, *, band: Fraction, min_observations: int = 2, min_span_days: int = 30
) -> Slope | Missing:
    """Least squares over the last 91 days, the newest model's scores only."""
    every = scores(life, account, life.as_of)
    if not every:
        return NO_DATA
    first = life.as_of - timedelta(days=90)
    points = [
        ((row["score_date"] - first).days, Fraction(row["score"]))
        for row in every
        if row["score_date"] >= first and row["model_version"] == every[-1]["model_version"]
    ]
    if len(points) < max(2, min_observations) or points[-1][0] - points[0][0] < min_span_days:
        return TOO_LITTLE
    mean_day = Fraction(sum(day for day, _ in points), len(points))
    mean_score = sum((score for _, score in points), ZERO) / len(points)
    above = sum(((day - mean_day) * (score - mean_score) for day, score in points), ZERO)
    below = sum(((day - mean_day) ** 2 for day, _ in points), ZERO)
    fitted = above / below * 90
    direction = "falling" if fitted < -band else "rising" if fitted > band else "flat"
    return {
        "slope_per_day": above / below,
        "fitted_change_90d": fitted,
        "direction": direction,
    }


def health_score_slope_90d(
    life: Life,
    *,
    flat_band_points: int = 5,
    min_observations: int = 2,
    min_span_days: int = 30,
) -> Found:
    """The slope of every account and the word for it."""
    return {
        "by_account": {
            name: slope(
                life,
                name,
                band=Fraction(flat_band_points),
                min_observations=min_observations,
                min_span_days=min_span_days,
            )
            for name in life.accounts
        }
    }


def falling_before_renewal(
    life: Life, *, flat_band_points: int = 5, renewal_window_days: int = 90
) -> Found:
    """Accounts whose score falls while their renewal is near."""
    clocks = {
        name: clock for name, clock in days_to_renewal(life.view).items() if name in life.accounts
    }
    flagged, unknown = [], []
    for name, clock in clocks.items():
        if isinstance(clock, Missing) or not 0 <= clock <= renewal_window_days:
            continue
        found = slope(life, name, band=Fraction(flat_band_points))
        if isinstance(found, Missing):
            unknown.append(name)
        elif found["direction"] == "falling":
            flagged.append(name)
    return {
        "flagged": life.listed(flagged),
        "unknown_slope": life.listed(unknown),
        "days_to_renewal": clocks,
        "value": len(life.listed(flagged)),
    }


def sentiment(life: Life, *, window_days: int = 90) -> Found:
    """The mean of all signals of the window, whoever gave them."""
    first = life.as_of - timedelta(days=window_days - 1)
    felt: dict[str, list[Fraction]] = {name: [] for name in life.accounts}

    def hear(row: Row, moment: str) -> None:
        day = life.day(row[moment])
        if (
            row["account_id"] in felt
            and row["sentiment"] is not None
            and first <= day <= life.as_of
        ):
            felt[row["account_id"]].append(Fraction(row["sentiment"]))

    for row in life.table("activities"):
        if row["status"] in ("completed", None):
            hear(row, "occurred_at")
    for row in life.table("tickets"):
        hear(row, "created_at")
    for row in life.table("feedback"):
        hear(row, "submitted_at")
    return {
        "by_account": {
            name: sum(heard, ZERO) / len(heard) if heard else NO_DATA
            for name, heard in felt.items()
        },
        "n": {name: len(heard) for name, heard in felt.items()},
    }


def strategic_account_health(life: Life) -> Found:
    """The latest scores of the accounts that matter most, weighted by ARR."""
    weighted = weight = ZERO
    scored, unscored = 0, []
    for name in sorted(life.active(life.as_of)):
        row = life.accounts[name]
        if row.get("segment") != "enterprise" and row.get("tier") != "strategic":
            continue
        found = scores(life, name, life.as_of)
        if not found:
            unscored.append(name)
            continue
        scored += 1
        weight += life.arr(name, life.as_of)
        weighted += life.arr(name, life.as_of) * Fraction(found[-1]["score"])
    value = share(weighted, weight) if scored else UNDEFINED
    return {"value": value, "scored_accounts": scored, "unscored": unscored}
