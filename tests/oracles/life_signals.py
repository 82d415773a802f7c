"""Scores, tickets, feedback, answers to onboarding surveys and warnings."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from oracles.company import Choose, Rows
from oracles.life_touches import EDGES, moment

SCORE_DAYS = [0, 1, 29, 30, 31, 59, 60, 61, 89, 90, 91, 120, 180, -10]
SCORES = [Decimal(text) for text in ("70", "65", "75", "64.5", "80", "30", "0", "100")]
FLAGS = ["exec_sponsor_unresponsive_days", "days_since_last_touch", "seat_utilization", "nps", None]


def add_signals(rows: Rows, choose: Choose, pivot: date, names: list[str]) -> None:
    """Fill health_scores, tickets, feedback and survey_responses; more warnings."""
    for table in ("health_scores", "tickets", "feedback", "survey_responses"):
        rows[table] = []
    for name in names:
        _scores(rows, choose, pivot, name)
        _felt(rows, choose, pivot, name)
        _warnings(rows, choose, pivot, name)
    for _ in range(choose([3, 12, 25])):
        _answer(rows, choose, pivot, choose([*names, None]))


def _back(choose: Choose, pivot: date, distances: Any) -> date:
    return pivot - timedelta(days=choose(distances))


def _scores(rows: Rows, choose: Choose, pivot: date, name: str) -> None:
    """A few days with a score; the model may change on one of them, or never be named."""
    days = {_back(choose, pivot, SCORE_DAYS) for _ in range(choose([0, 1, 3, 5, 8, 8]))}
    changed = _back(choose, pivot, [400, 400, 90, 60, 29, 1])
    old, new = choose([("v1", "v2"), (None, None), (None, "v1"), ("v1", "v1")])
    for day in sorted(days):
        rows["health_scores"].append(
            {
                "account_id": name,
                "score_date": day,
                "score": choose(SCORES),
                "model_version": old if day < changed else new,
            }
        )


def _felt(rows: Rows, choose: Choose, pivot: date, name: str) -> None:
    felt = [None, Decimal("-0.2"), Decimal("0.5"), Decimal("1"), Decimal("-0.333333")]
    for table, key, when in (
        ("tickets", "ticket_id", "created_at"),
        ("feedback", "feedback_id", "submitted_at"),
    ):
        for _ in range(choose([0, 0, 1, 4])):
            rows[table].append(
                {
                    key: f"{table}{len(rows[table])}",
                    "account_id": choose([name] * 8 + [None]),
                    when: moment(choose, _back(choose, pivot, EDGES)),
                    "sentiment": choose(felt),
                    "status": choose(["open", None]),
                }
            )


def _warnings(rows: Rows, choose: Choose, pivot: date, name: str) -> None:
    for number in range(choose([0, 0, 1, 2])):
        raised = _back(choose, pivot, [200, 60, 1, 0, -1])
        rows["risk_flags"].append(
            {
                "flag_id": f"{name}-w{number}",
                "account_id": name,
                "metric_id": choose(FLAGS),
                "severity": choose(["at_risk", None]),
                "raised_date": raised,
                "cleared_date": choose([None, None, max(raised, pivot)]),
            }
        )


def _answer(rows: Rows, choose: Choose, pivot: date, name: str | None) -> None:
    """A score on some scale, or on none, or beside it."""
    low, high = choose([(1, 5), (1, 5), (0, 10), (1, 7), (None, 5), (1, None), (None, None)])
    score = choose([1, 3, 4, 5, 5, 6, Decimal("2.5"), 0])
    rows["survey_responses"].append(
        {
            "response_id": f"s{len(rows['survey_responses'])}",
            "account_id": name,
            "contact_id": None,
            "user_id": choose(["maya", "maya", "tom", None]),
            "survey_type": choose(["onboarding"] * 5 + ["nps"]),
            "score": score,
            "scale_min": low,
            "scale_max": high,
            "responded_at": moment(choose, _back(choose, pivot, [*EDGES, *range(0, 90, 7)])),
        }
    )
