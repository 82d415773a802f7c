"""A number whose source had stopped says so: in the answer, in the history, and after late facts came in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tenure import Workspace
from tenure.lake.freshness import silent_since

FIRST, STOPPED, LAST = date(2026, 1, 5), date(2026, 3, 31), date(2026, 6, 30)
HOW: dict[str, Any] = {"step": "week", "since": "2026-03-01"}


def days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def usage(first: date, last: date) -> list[dict[str, Any]]:
    return [
        {"account_id": "A1", "usage_date": str(day), "event_count": "3", "product_user_id": "U1"}
        for day in days(first, last)
    ]


def facts() -> dict[str, list[dict[str, Any]]]:
    """Usage stops in March, scores go on until June."""
    return {
        "accounts": [{"account_id": "A1", "start_date": "2026-01-05"}],
        "contract_lines": [
            {
                "line_id": "L1", "account_id": "A1", "arr": "1200", "start_date": "2026-01-05",
                "quantity": "4", "unit": "seat",
            }
        ],
        "health_scores": [
            {"account_id": "A1", "score_date": str(day), "score": "70"}
            for day in days(FIRST, LAST)
        ],
        "usage_daily": usage(FIRST, STOPPED),
    }  # fmt: skip


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    made = Workspace.create(tmp_path / "w")
    made.load(facts())
    made.refresh(**HOW)
    return made


def whys(ws: Workspace, metric: str) -> dict[date, str | None]:
    return {row["as_of"]: row[f"{metric}__why"] for row in ws.history(metric, "A1")}


def held(ws: Workspace) -> list[dict[str, Any]]:
    names = [m for part in ws.kept.parts.values() for m in part.metrics]
    return [dict(row) for row in ws.history(names)] + [dict(r) for r in ws.history(names, "A1")]


def test_a_table_is_silent_two_weeks_after_its_last_day_and_after_three_usual_gaps() -> None:
    daily = list(days(FIRST, STOPPED))
    weekly = daily[::7]

    assert silent_since(daily, STOPPED + timedelta(days=14)) is None
    assert silent_since(daily, STOPPED + timedelta(days=15)) == STOPPED
    assert silent_since(weekly, weekly[-1] + timedelta(days=21)) is None
    assert silent_since(weekly, weekly[-1] + timedelta(days=22)) == weekly[-1]
    assert silent_since(daily, STOPPED - timedelta(days=1)) is None
    assert silent_since(daily[-7:], LAST) is None, "seven days are no pace"


def test_an_answer_says_that_its_source_was_late_and_keeps_its_number(ws: Workspace) -> None:
    told = ws.metric("active_user_pct", as_of="2026-04-20")
    (note,) = [n for n in told.findings if n.code == "source.late"]

    assert told.components["by_account"] == {"A1": 0.25}
    assert "`usage_daily` says nothing after 2026-03-31, 20 days before 2026-04-20" in note.says
    assert "source.late" not in {
        n.code for n in ws.metric("active_user_pct", as_of="2026-04-14").findings
    }
    assert "source.late" not in {
        n.code for n in ws.metric("health_score", as_of="2026-04-20").findings
    }


def test_a_history_carries_what_the_answer_of_each_day_says(ws: Workspace) -> None:
    for metric in ("active_user_pct", "usage_consistency", "health_score"):
        seen = set()
        for row in ws.history(metric, "A1"):
            codes = {n.code for n in ws.metric(metric, as_of=row["as_of"]).findings}
            if row[metric] is not None:
                taint = "source_late" if "source.late" in codes else None
                assert row[f"{metric}__why"] == taint, (metric, row["as_of"])
                seen.add(taint)
        assert seen == ({None} if metric == "health_score" else {None, "source_late"})


def test_late_facts_take_the_mark_away_also_where_no_window_reaches(ws: Workspace) -> None:
    """Facts of April lie outside the 28 days before June, and yet say that the source had gone on longer."""
    assert whys(ws, "active_user_pct")[date(2026, 4, 19)] == "source_late"
    for last, part in ((date(2026, 4, 20), 1), (date(2026, 6, 30), 2)):
        first = date(2026, 4, 1) if part == 1 else date(2026, 4, 21)
        ws.load({"usage_daily": usage(first, last)})
        done = ws.refresh(**HOW)
        bit_by_bit = held(ws)
        assert 0 < done.looked_at < done.whole
        assert whys(ws, "active_user_pct")[date(2026, 4, 19)] is None
        ws.refresh(**HOW, full=True)
        assert held(ws) == bit_by_bit
    assert "source_late" not in whys(ws, "active_user_pct").values()


def test_a_live_reading_and_a_level_carry_it_too(ws: Workspace) -> None:
    (row,) = ws.history(
        "active_user_pct", start="2026-04-19", end="2026-04-19", as_known_on="2999-01-01"
    )
    assert (row["active_user_pct"], row["active_user_pct__why"]) == (0.25, "source_late")
    ws.load(
        {
            "activities": [
                {
                    "activity_id": f"T{day}", "account_id": "A1", "activity_type": "call", "status": "completed",
                    "occurred_at": f"{day}T10:00:00Z", "direction": "outbound", "is_proactive": "true",
                }
                for day in days(FIRST, STOPPED)
            ]
        }
    )  # fmt: skip
    rows = ws.history("engagement_activity", level="company", start="2026-03-20", step="month")
    told = {row["as_of"]: row["engagement_activity__why"] for row in rows}
    assert told.pop(date(2026, 6, 30)) == "source_late"
    assert told == dict.fromkeys(told), "the quarter that ended in March was delivered to its end"


def test_no_history_says_a_pace_of_a_table_that_was_never_delivered(ws: Workspace) -> None:
    assert set(whys(ws, "days_since_last_touch").values()) == {"no_data"}


def test_the_command_says_it_beside_the_number(ws: Workspace, tenure: Any) -> None:
    words = ("history", "active_user_pct", "-w", ws.folder, "--account", "A1")
    done = tenure(*words, "--start", "2026-04-12", "--end", "2026-04-19")

    assert done.code == 0
    lines = [line.split() for line in done.out.splitlines() if "2026-04" in line]
    assert lines[0][1] == "0.25"
    assert lines[1][1:4] == ["0.25", "(source", "late)"]
