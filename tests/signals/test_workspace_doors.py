"""Thresholds and coverage from a workspace's own facts: as known then, added up, or refused with the remedy."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tenure import Workspace
from tenure.kernel.errors import UserError
from tenure.signals.exits import landmarks

START = date(2025, 1, 5)
WEEKS = 70


def facts() -> dict[str, list[dict[str, Any]]]:
    """40 accounts; every third one's health falls to 20 ten weeks before its contract ends, and it leaves."""
    found: dict[str, list[dict[str, Any]]] = {
        "accounts": [],
        "contract_lines": [],
        "health_scores": [],
    }
    for n in range(40):
        account = f"A{n:02}"
        left = START + timedelta(weeks=24 + n) if n % 3 == 0 else None
        found["accounts"].append(
            {"account_id": account, "start_date": str(START), "segment": "smb"}
        )
        line = {"line_id": f"L{n}", "account_id": account, "arr": "1200", "start_date": str(START)}
        found["contract_lines"].append(line | ({"end_date": str(left)} if left else {}))
        for week in range(WEEKS):
            day = START + timedelta(weeks=week)
            if left and day >= left:
                break
            score = 20 if left and (left - day).days <= 70 else 70 + (n * 7 + week) % 9
            found["health_scores"].append(
                {"account_id": account, "score_date": str(day), "score": str(score)}
            )
    return found


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("signals") / "w"
    made = Workspace.create(folder)
    made.load(facts(), source="crm")
    settings = folder / "tenure.toml"
    settings.write_text(settings.read_text() + "\n[sources.crm]\nbackfill_trusted = true\n")
    return Workspace.open(folder)


def test_a_panel_holds_who_was_live_and_what_became_of_them(ws: Workspace) -> None:
    rows = ws.panel(["health_score"], horizon_days=56)
    days = sorted({row["as_of"] for row in rows})
    assert {(b - a).days for a, b in zip(days, days[1:], strict=False)} == {56}
    assert all(day.weekday() == 6 for day in days)
    for row in rows:
        n = int(row["account"][1:])
        left = START + timedelta(weeks=24 + n) if n % 3 == 0 else None
        assert left is None or row["as_of"] < left
        ahead = left is not None and left <= row["as_of"] + timedelta(days=56)
        assert row["churned"] == int(ahead), row
    assert sum(row["churned"] for row in rows) >= 8


def test_a_workspace_learns_what_was_planted_in_it(ws: Workspace) -> None:
    from tenure.signals import Config

    found = ws.learn_thresholds(["health_score"], config=Config(horizon_days=56))
    health = found["health_score"]
    assert health.status in ("accepted", "provisional")
    assert health.direction == "low"
    assert health.at_risk.lines[0].value > 20
    ledger = found.ledger
    assert (
        ledger.kept + sum(ledger.excluded.values())
        == ledger.came
        == len(ws.panel(["health_score"], horizon_days=56))
    )


def test_facts_loaded_later_are_not_taken_as_known_then(tmp_path: Path) -> None:
    made = Workspace.create(tmp_path / "w")
    made.load(facts(), source="crm")
    with pytest.raises(UserError, match="the facts were loaded later") as caught:
        made.panel(["health_score"])
    assert "backfill_trusted = true" in caught.value.remedy


def test_a_short_history_says_so(tmp_path: Path) -> None:
    made = Workspace.create(tmp_path / "w")
    made.load({"accounts": [{"account_id": "A1", "start_date": "2026-01-05"}]})
    with pytest.raises(UserError, match="nobody can know who left afterwards"):
        made.panel()


def test_coverage_is_refused_with_too_few_lost_renewals(ws: Workspace) -> None:
    found = ws.coverage_delta()
    assert found.refused is not None
    assert found.refused.reason == "too_little_history"


def test_landmarks_are_sundays_whose_windows_do_not_overlap() -> None:
    days = landmarks(date(2025, 1, 1), date(2026, 3, 31), 90)
    assert days[-1] + timedelta(days=90) <= date(2026, 3, 31)
    assert {(b - a).days for a, b in zip(days, days[1:], strict=False)} == {91}
    assert landmarks(date(2026, 1, 1), date(2026, 3, 1), 90) == ()
