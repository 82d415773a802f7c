"""`tenure time summarise`: on one's own machine, without a workspace, a small file one can read first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tenure.workspace import Workspace


def export(path: Path, *events: tuple[str, int, str, str]) -> Path:
    """An ActivityWatch export of (start, minutes, program, title)."""
    found = [
        {"timestamp": start, "duration": minutes * 60, "data": {"app": app, "title": title}}
        for start, minutes, app, title in events
    ]
    bucket = {"id": "w", "type": "currentwindow", "hostname": "laptop", "events": found}
    path.write_text(json.dumps({"buckets": {"w": bucket}}))
    return path


@pytest.fixture
def one(tmp_path: Path) -> Path:
    return export(
        tmp_path / "export.json",
        ("2026-03-03T09:00:00Z", 90, "Slack", "Salary talk"),
        ("2026-03-03T11:00:00Z", 30, "Aircall", "Meridian"),
        ("2026-04-01T09:00:00Z", 45, "Ledger 9", "Secret"),
    )


def test_a_table_is_shown_and_a_file_is_written_that_holds_nothing_finer(
    tmp_path: Path, one: Path, tenure: Any
) -> None:
    out = tmp_path / "totals.csv"
    done = tenure("time", "summarise", one, "--person", "maya", "--out", out)
    assert done.code == 0
    assert out.read_text().splitlines() == [
        "user_id,week_start,week_end,category,account_id,minutes",
        "maya,2026-03-02,2026-03-09,customer_facing,,30",
        "maya,2026-03-02,2026-03-09,internal,,90",
        "maya,2026-04-01,2026-04-06,uncategorised,,45",
    ]
    assert "1:30" in done.out
    assert "days begin at midnight in UTC" in done.out
    assert "Ledger 9" in done.out  # to the person alone, on the screen
    assert "Salary" not in done.out + out.read_text()
    assert not list(tmp_path.glob("**/tenure.toml"))


def test_what_it_writes_is_what_an_import_takes(tmp_path: Path, one: Path, tenure: Any) -> None:
    folder = tmp_path / "mine"
    tenure("time", "summarise", one, "--person", "maya", "--out", folder / "time_totals.csv")
    whole = tmp_path / "whole"
    whole.mkdir()
    (whole / "time_entries-maya.json").write_bytes(one.read_bytes())
    rows = []
    for delivered in (folder, whole):
        workspace = Workspace.create(tmp_path / f"w-{delivered.name}")
        assert workspace.import_folder(delivered).refused == 0
        columns = ["user_id", "week_start", "week_end", "category", "account_id", "minutes"]
        rows.append(sorted(workspace.facts().rows("time_totals", columns)))
    assert rows[0] == rows[1]
    assert len(rows[0]) == 3


def test_words_of_ones_own_and_the_time_zone_are_heeded(
    tmp_path: Path, one: Path, tenure: Any
) -> None:
    words = tmp_path / "words.toml"
    words.write_text('[qbr_prep]\napps = ["ledger 9"]\n')
    late = export(tmp_path / "late.json", ("2026-03-31T22:30:00Z", 60, "Ledger 9", "x"))
    done = tenure(
        "time", "summarise", late, "--person", "maya", "--categories", words,
        "--time-zone", "Europe/Berlin", "--json",
    )  # fmt: skip
    assert done.data["totals"] == [
        {"user_id": "maya", "week_start": "2026-04-01", "week_end": "2026-04-06",
         "category": "qbr_prep", "account_id": None, "minutes": 60}
    ]  # fmt: skip


def test_several_exports_are_summed_up_together(tmp_path: Path, one: Path, tenure: Any) -> None:
    csv = tmp_path / "afk.csv"
    csv.write_text("timestamp,duration,status\n2026-03-03T09:00:00Z,600,not-afk\n")
    window = tmp_path / "window.csv"
    window.write_text("timestamp,duration,app,title\n2026-03-03T09:00:00Z,3600,Slack,x\n")
    both = tenure("time", "summarise", window, csv, "--person", "maya", "--json").data["totals"]
    assert [total["minutes"] for total in both] == [10]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["absent.json", "--person", "maya"], 3, "no such file"),
        (["pyproject.toml", "--person", "maya"], 3, "no ActivityWatch export"),
        (["EXPORT", "--person", "Maya Lind"], 2, "user_id"),
        (["EXPORT", "--person", "maya", "--time-zone", "Mars"], 2, "time zone"),
        (["EXPORT", "--person", "maya", "--categories", "absent.toml"], 3, "no such file"),
    ],
)
def test_what_cannot_be_is_refused_with_a_word(
    tmp_path: Path, one: Path, tenure: Any, words: list[str], code: int, said: str
) -> None:
    (tmp_path / "pyproject.toml").write_text("title = 'Salary talk'\n")
    given = [
        one if w == "EXPORT" else tmp_path / w if w.endswith((".json", ".toml")) else w
        for w in words
    ]
    done = tenure("time", "summarise", *given)
    assert done.code == code
    assert said in done.err
    assert "Salary" not in done.err


def test_an_export_of_nothing_says_so(tmp_path: Path, tenure: Any) -> None:
    done = tenure("time", "summarise", export(tmp_path / "e.json"), "--person", "maya")
    assert "No time at the keyboard" in done.out
