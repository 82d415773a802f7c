"""What a refresh must not forget, and what tidying up must not take away."""

from __future__ import annotations

import os
import shutil
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tenure import Workspace
from tenure.kernel import points

HOW: dict[str, Any] = {"step": "month", "since": "2026-02-01"}
FACTS: dict[str, list[dict[str, Any]]] = {
    "accounts": [{"account_id": a, "start_date": "2026-01-05"} for a in ("A1", "A2")],
    "contract_lines": [
        {"line_id": f"L{a}", "account_id": a, "arr": "1200", "start_date": "2026-01-05"}
        for a in ("A1", "A2")
    ],
    "health_scores": [{"account_id": "A1", "score_date": "2026-02-10", "score": "70"}],
    "tickets": [{"ticket_id": "T1", "account_id": "A1", "created_at": "2026-03-20T10:00:00Z"}],
    "usage_daily": [
        {"account_id": "A1", "usage_date": d, "event_count": "3"}
        for d in ("2026-02-20", "2026-04-30")
    ],
}
TIMELESS = """
title = "Tickets ever"
says = "All tickets on file, whenever they came."
question = "renew"
timing = "context"
about = "account"
layer = "health"
category = "usage"
grain = ["account"]
unit = "count"
better = "none"
needs = ["tickets"]
per = "account"
value = "all_of_them"
formula = ["all tickets"]
[gives]
by_account = "value per account"
[components]
by_account = "map of account to count"
[measures.all_of_them]
from = "tickets"
aggregate = "count"
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("history") / "w"
    ws = Workspace.create(folder)
    (folder / "catalogue" / "metrics").mkdir(parents=True, exist_ok=True)
    (folder / "catalogue" / "metrics" / "tickets_ever.toml").write_text(TIMELESS)
    ws.load(FACTS)
    ws.refresh(**HOW)
    return folder


@pytest.fixture
def ws(made: Path, tmp_path: Path) -> Workspace:
    """A copy of a workspace with a history of three month ends."""
    shutil.copytree(made, tmp_path / "w")
    return Workspace.open(tmp_path / "w")


def score(ws: Workspace, account: str = "A1") -> dict[date, Any]:
    return {row["as_of"]: row["health_score"] for row in ws.history("health_score", account)}


def test_a_refresh_of_one_metric_leaves_the_others_to_be_done(ws: Workspace) -> None:
    ws.load({"health_scores": [{"account_id": "A1", "score_date": "2026-03-01", "score": "40"}]})

    ws.refresh(**HOW, metrics=["usage_trend"])
    assert score(ws)[date(2026, 3, 31)] == 70
    assert [note.code for note in ws.history("health_score").notes] == ["history.behind"]

    assert list(ws.refresh(**HOW).made) == ["health"]
    assert score(ws)[date(2026, 3, 31)] == 40
    assert not ws.history("health_score").notes


def test_a_measure_without_a_window_is_made_anew_on_every_day(ws: Workspace) -> None:
    late = {"ticket_id": "T2", "account_id": "A1", "created_at": "2026-04-20T10:00:00Z"}
    ws.load({"tickets": [late]})

    ws.refresh(**HOW)
    for row in ws.history("tickets_ever", "A1"):
        told = ws.metric("tickets_ever", as_of=row["as_of"]).components["by_account"]["A1"]
        assert row["tickets_ever"] == told == 2


def test_a_row_with_an_earlier_day_in_another_column_counts_from_there(ws: Workspace) -> None:
    odd = {
        "ticket_id": "T3", "account_id": "A1", "csat": "5",
        "created_at": "2026-04-20T10:00:00Z", "solved_at": "2026-02-15T10:00:00Z",
    }  # fmt: skip
    ws.load({"tickets": [odd]})
    ws.refresh(**HOW)
    kept = list(ws.portfolio("2026-03-31"))
    ws.refresh(**HOW, full=True)

    assert kept == list(ws.portfolio("2026-03-31"))


def test_a_live_reading_is_of_the_accounts_asked_for(ws: Workspace) -> None:
    rows = list(
        ws.history("health_score", "A2", start="2026-02-01", step="month", as_known_on="2999-01-01")
    )

    assert rows
    assert {row["account_id"] for row in rows} == {"A2"}


def test_tidying_up_after_a_refresh_that_died_keeps_the_history_readable(ws: Workspace) -> None:
    class Cut(Exception):
        pass

    def probe(name: str) -> None:
        if name == "values.after_commit":
            raise Cut

    before = score(ws)
    ws.load({"health_scores": [{"account_id": "A1", "score_date": "2026-02-01", "score": "10"}]})
    points.arm(probe)
    try:
        with pytest.raises(Cut):
            ws.refresh(**HOW, full=True)
    finally:
        points.arm(None)
    long_ago = time.time() - 30 * 24 * 3600
    for file in (ws.folder / "lake").rglob("*.parquet"):
        os.utime(file, (long_ago, long_ago))

    Workspace.open(ws.folder).compact(retention_days=1)
    again = Workspace.open(ws.folder)
    assert score(again) == before
    assert again.refresh(**HOW).undone is not None


KNOWN: dict[str, list[dict[str, Any]]] = {
    "accounts": [
        {"account_id": a, "start_date": "2026-01-05", "recorded_at": "2026-01-06T08:00:00Z"}
        for a in ("A1", "A2")
    ],
    "health_scores": [
        {"account_id": "A1", "score_date": "2026-02-10", "score": "70", "recorded_at": "2026-02-10T08:00:00Z"},
        {"account_id": "A2", "score_date": "2026-02-12", "score": "55", "recorded_at": "2026-02-12T08:00:00Z"},
        {"account_id": "A1", "score_date": "2026-03-01", "score": "20", "recorded_at": "2026-04-15T08:00:00Z"},
    ],
    "tickets": [
        {"ticket_id": "T1", "account_id": "A1", "created_at": "2026-03-20T10:00:00Z",
         "recorded_at": "2026-03-20T11:00:00Z"},
        {"ticket_id": "T2", "account_id": "A1", "created_at": "2026-04-30T10:00:00Z",
         "recorded_at": "2026-04-30T11:00:00Z"},
    ],
}  # fmt: skip


def test_each_day_as_it_was_known_on_it_is_what_the_metric_says_of_that_day(tmp_path: Path) -> None:
    """The score of 1 March came in on 15 April, from a source whose late rows count only from then on."""
    ws = Workspace.create(tmp_path / "w")
    for table, rows in KNOWN.items():
        ws.load({table: rows}, source="late")
    settings = tmp_path / "w" / "tenure.toml"
    settings.write_text(settings.read_text() + "\n[sources.late]\nbackfill_trusted = false\n")
    ws = Workspace.open(tmp_path / "w")
    names = ["health_score", "health_score_delta_90d"]

    found = list(ws.history(names, start="2026-01-01", step="month", as_known_on="as_of"))
    assert [str(row["as_of"]) for row in found] == sorted(str(row["as_of"]) for row in found)
    checked = 0
    for row in found:
        for name in names:
            day, account = row["as_of"], row["account_id"]
            told = ws.metric(name, as_of=day, as_known_on=day)
            by_account = told.components["by_account"] or {}
            assert row[name] == by_account.get(account)
            if row[name] is None:
                reason = told.reasons.get(f"by_account.{account}") or told.unknown
                assert row[f"{name}__why"] == reason
            checked += row[name] is not None
    assert checked >= 4
    scores = {str(r["as_of"]): r["health_score"] for r in found if r["account_id"] == "A1"}
    assert [scores[f"2026-{day}"] for day in ("02-28", "03-31", "04-30")] == [70, 70, 20]
    now = {str(r["as_of"]): r["health_score"] for r in ws.history("health_score", "A1", start="2026-03-01",
        step="month", as_known_on="2999-01-01")}  # fmt: skip
    assert now["2026-03-31"] == 20


def test_the_portfolio_as_it_was_known_on_its_day(ws: Workspace) -> None:
    assert len(ws.portfolio("2026-03-31", ["health_score"], as_known_on="as_of")) == len(
        ws.portfolio("2026-03-31", ["health_score"], as_known_on="2026-03-31")
    )


@pytest.mark.parametrize(
    "absent", ["activities", "tickets", "feedback", "survey_responses", "health_scores"]
)
def test_metrics_of_several_tables_are_kept_where_one_of_them_never_came(
    tmp_path: Path, absent: str
) -> None:
    """Each measure has a name of its own in the one query of a part, also where some measures are not made."""
    every = ("activities", "tickets", "feedback", "survey_responses", "health_scores")
    ws = Workspace.create(tmp_path / "w")
    ws.load({table: FACTS.get(table, []) for table in {*FACTS, *every} - {absent}})
    ws.refresh(**HOW, metrics=["csat"])
    rows = list(ws.history(["csat", "sentiment", "support_ticket_trend", "product_feedback"]))

    assert len(rows) == 6
    if absent != "tickets":
        assert {row["support_ticket_trend__current"] for row in rows} == {0, 1}
