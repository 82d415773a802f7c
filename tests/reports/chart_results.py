"""Results to draw, small and made by the real doors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np

from tenure.insights.coverage import coverage_delta
from tenure.insights.portfolio import Funnel, csm_funnel
from tenure.reports import charts
from tenure.signals import Learning, classify_trajectories, forecast, lead_time, learn_thresholds
from tenure.signals.backtesting.contenders import BASE, LEARNED, SINGLE
from tenure.signals.backtesting.door import Backtest, Line
from tenure.signals.backtesting.measures import Top, reliability
from tenure.signals.backtesting.verdict import Verdict
from tenure.signals.before_churn import BeforeChurn, patterns_before_churn
from tenure.signals.evidence import Evidence
from tenure.signals.forecasting.quarters import RenewalForecast, forecast_renewals
from tenure.signals.lines import Line as Threshold
from tenure.signals.rates import Interval

START = date(2024, 1, 1)


@cache
def learning() -> Learning:
    r = np.random.default_rng(3)
    rows: list[dict[str, Any]] = []
    for n in range(600):
        x = float(np.clip(r.normal(62, 18), 0, 100))
        y = int(r.random() < (0.4 if x < 42 else 0.05))
        rows.append(
            {"account": f"A{n}", "as_of": "2026-01-01", "churned": y, "health": round(x, 1), "logins": int(r.poisson(6)),
             "still": 1.0}
        )  # fmt: skip
    return learn_thresholds(rows, label="churned", metrics=["health", "logins", "still"])


@cache
def weeks(leaving: int = 45) -> list[dict[str, Any]]:
    r = np.random.default_rng(4)
    rows: list[dict[str, Any]] = []
    for n in range(130):
        left = int(r.integers(50, 90)) if n < leaving else None
        for w in range(left or 92):
            fall = 1.2 * max(0, 14 - (left - w)) if left else 0
            rows.append(
                {"account_id": f"A{n:03}", "as_of": (START + timedelta(7 * w)).isoformat(),
                 "logins": round(max(0.0, 30 + r.normal(0, 4) - fall), 1) if n != 100 or w != 80 else None,
                 "left": (START + timedelta(7 * left)).isoformat() if left else ""}
            )  # fmt: skip
    return rows


_NAMED = {"account": "account_id", "time": "as_of"}


def early(leaving: int = 45) -> Any:
    line = Threshold(20, "<")
    return lead_time(weeks(leaving), value="logins", churned="left", threshold=line, **_NAMED)


def before() -> BeforeChurn:
    found = patterns_before_churn(weeks(), values=["logins"], churned="left", **_NAMED)
    return found["logins"]


def accounts() -> Any:
    return classify_trajectories(weeks(), value="logins", at_risk=Threshold(20, "<"), **_NAMED)


def books() -> Funnel:
    """Twelve books of 80 accounts that should lose 8 each, of which Dee lost 30; and Zed, too small to say."""
    lost = {"Ana": 8, "Bo": 7, "Cy": 9, "Dee": 30, "Eli": 8, "Fay": 6, "Gus": 10, "Hal": 8, "Ida": 9, "Jo": 7,
            "Kim": 8, "Lou": 8}  # fmt: skip
    rows = [
        {"csm": name, "churned": int(n < of), "expected": 0.1 + 0.001 * i}
        for i, (name, of) in enumerate(lost.items())
        for n in range(80)
    ]
    rows += [{"csm": "Zed", "churned": 0, "expected": 0.1} for _ in range(6)]
    return csm_funnel(rows, csm="csm", churned="churned", expected="expected")


def coverage(count: int = 500) -> Any:
    r = np.random.default_rng(6)
    rows = []
    for n in range(count):
        covered = r.random() < (0.4 if n % 2 else 0.7)
        rows.append({"renewed": int(r.random() < 0.75 + 0.1 * covered), "covered": int(covered), "segment": "ab"[n % 2]})  # fmt: skip
    return coverage_delta(rows, renewed="renewed", covered="covered", segment="segment")


def backtest(slope: float = 0.6) -> Backtest:
    """The learned score and two baselines, of which one ranks no better than a coin."""
    r = np.random.default_rng(7)
    p = r.beta(1, 6, 500)
    y = (r.random(500) < p).astype(float)
    aucs = {LEARNED: Interval(0.7, 0.6, 0.8), SINGLE: Interval(0.64, 0.55, 0.73), BASE: Interval(0.5, 0.44, 0.57)}  # fmt: skip
    top = Top(10, 0.3, 0.2, 2.0, 0.1, 0.1)
    lines = tuple(
        Line(
            name, "all", 500, int(y.sum()), auc, None, top, 0.1, 0.1, 0.0, slope, reliability(p, y)
        )
        for name, auc in aucs.items()
    )
    verdict = Verdict(True, LEARNED, "better", SINGLE, Interval(0.06, 0.01, 0.1), "It ranks better.")  # fmt: skip
    return Backtest(lines, ("2025-01-01",), verdict, Evidence(500, int(y.sum()), "backtest/1"))


@cache
def told_quarters() -> RenewalForecast:
    """Two years of renewals to learn from, and three quarters to come, of which the last has none."""
    r = np.random.default_rng(9)
    rows: list[dict[str, Any]] = []
    for n in range(320):
        due = date(2024, 1, 15) + timedelta(days=int(r.integers(0, 900)))
        logins, is_past = float(r.normal(30, 8)), due < date(2026, 1, 1)
        lost = int(r.random() < (0.4 if logins < 24 else 0.08))
        rows.append(
            {"account": f"A{n}", "due": str(due), "arr": "1000", "segment": "smb", "logins": logins,
             "churned": lost if is_past else None, "after": (0 if lost else 1100) if is_past else None}
        )  # fmt: skip
    found = forecast_renewals(rows, target=0.9, quarters=["2026-Q1", "2026-Q2", "2027-Q4"])
    assert isinstance(found, RenewalForecast)
    return found


def forecasted() -> Any:
    return forecast(
        {"account": [f"a{i}" for i in range(40)], "arr": ["1000"] * 40,
         "p_churn": [0.05 + 0.005 * i for i in range(40)], "segment": ["smb"] * 40},
        target=0.9,
    )  # fmt: skip


Chart = Callable[[], Any]
CHARTS: dict[str, Chart] = {
    "distribution": lambda: charts.distribution(learning()["health"]),
    "bins": lambda: charts.bins(learning()["health"]),
    "lead_curve": lambda: charts.lead_curve(early()),
    "alert_leads": lambda: charts.alert_leads(early()),
    "path_before_churn": lambda: charts.path_before_churn(before()),
    "account_path": lambda: charts.account_path(accounts(), "A100", "logins"),
    "funnel": lambda: charts.funnel(books()),
    "coverage": lambda: charts.coverage(coverage()),
    "calibration": lambda: charts.calibration(backtest()),
    "contenders": lambda: charts.contenders(backtest()),
    "quarters": lambda: charts.quarters(told_quarters()),
    "forecast_ranges": lambda: charts.forecast_ranges(forecasted()),
}
"""Every chart there is, of results made here."""
