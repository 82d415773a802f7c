"""Promises C15 and C17 at the import's door: time by category only, and a look before anything happens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tenure.workspace import Workspace


def test_c15_time_is_read_by_category_from_an_application_usage_feed(
    tmp_path: Path, tenure: Any
) -> None:
    # S0: support tools, internal coordination, QBR preparation, customer-facing work
    programs = ["Zendesk", "Slack", "Keynote", "Aircall", "Something else"]
    events = [
        {
            "timestamp": f"2026-03-02T{9 + i:02d}:00:00Z",
            "duration": 60 * (30 + i),
            "data": {"app": app},
        }
        for i, app in enumerate(programs)
    ]
    bucket = {"type": "currentwindow", "hostname": "h", "events": events}
    (tmp_path / "time_entries-maya.json").write_text(json.dumps({"buckets": {"b": bucket}}))
    workspace = Workspace.create(tmp_path / "w")
    workspace.import_folder(tmp_path / "time_entries-maya.json")

    rows = workspace.facts().rows("time_totals", ["user_id", "category", "minutes"])

    assert {category: int(minutes) for _, category, minutes in rows} == {
        "support_tickets": 30,
        "internal": 31,
        "qbr_prep": 32,
        "customer_facing": 33,
        "uncategorised": 34,
    }


def test_c15_the_same_export_again_replaces_the_weeks_it_holds(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "w")

    def deliver(*entries: tuple[str, int, str]) -> Any:
        rows = [
            {
                "user_id": "maya",
                "started_at": f"{day}T09:00:00Z",
                "duration": minutes * 60,
                "category": kind,
            }
            for day, minutes, kind in entries
        ]
        return workspace.load({"time_entries": rows}, source="tracker")

    deliver(
        ("2026-03-02", 60, "internal"),
        ("2026-03-03", 30, "qbr_prep"),
        ("2026-03-09", 20, "internal"),
    )
    done = deliver(("2026-03-02", 75, "internal"))

    rows = workspace.facts().rows("time_totals", ["week_start", "category", "minutes"])
    assert sorted((str(day), kind, int(minutes)) for day, kind, minutes in rows) == [
        ("2026-03-02", "internal", 75),  # corrected, and the preparation of that week is gone
        ("2026-03-09", "internal", 20),  # another week stays
    ]
    assert (done.replaced, done.closed) == (1, 1)


def test_c15_a_refused_row_stops_the_replacing_of_its_weeks(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "w")
    week = {"user_id": "maya", "week_start": "2026-03-02", "week_end": "2026-03-09"}
    first = [
        week | {"category": "internal", "minutes": 60},
        week | {"category": "qbr_prep", "minutes": 9},
    ]
    workspace.load({"time_totals": first}, source="by hand")

    bad = [
        week | {"category": "internal", "minutes": 75},
        week | {"category": "qbr_prep", "minutes": "?"},
    ]
    done = workspace.load({"time_totals": bad}, source="by hand")

    assert (done.replaced, done.refused, done.closed) == (1, 1, 0)
    assert len(workspace.facts().rows("time_totals", ["category"])) == 2
    assert "snapshot.not_closed" in {f["rule"] for f in workspace.findings()}


@pytest.mark.parametrize("name", ["accounts.csv", "unknown.csv"])
def test_c17_a_preview_comes_before_the_commit_and_changes_nothing(
    tmp_path: Path, tenure: Any, name: str
) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / name).write_text(
        "account_id,name,start_date\na,Alder,2025-01-01\nb,Birch,2025-02-30\n"
    )
    workspace = Workspace.create(tmp_path / "w")

    shown = tenure("import", folder, "-w", workspace.folder, "--preview")

    assert "Alder" in shown.out or "account_id" in shown.out
    assert "Nothing was written" in shown.out
    assert workspace.imports() == []


def test_c17_every_refused_row_of_a_workbook_names_its_sheet_row_column_and_remedy(
    tmp_path: Path, tenure: Any
) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "Accounts"
    for row in (["account_id", "start_date"], ["a", "2025-01-01"], ["b", "2025-02-30"]):
        book.active.append(row)
    book.save(tmp_path / "crm.xlsx")
    tenure("init", tmp_path / "w")

    done = tenure("import", tmp_path / "crm.xlsx", "-w", tmp_path / "w")

    assert done.code == 1
    assert "crm.xlsx!Accounts:3:2" in done.out
    assert "check day and month" in done.out
