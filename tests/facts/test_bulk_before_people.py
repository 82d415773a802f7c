"""A large file read at once, and after it one whose rows are held in memory because they are about people."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenure.facts.sources import bulk
from tenure.workspace import Workspace


def test_time_of_people_is_read_after_a_file_that_was_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection counted as busy after the large file, and a company of 10,000 accounts could not be imported."""
    monkeypatch.setattr(bulk, "SMALLEST", 0)
    exports = tmp_path / "exports"
    exports.mkdir()
    accounts = "".join(f"A{n},Account {n}\n" for n in range(200))
    (exports / "accounts.csv").write_text("account_id,name\n" + accounts)
    (exports / "team_members.csv").write_text("user_id,name,role\nU1,Maya,csm\n")
    (exports / "time_totals.csv").write_text(
        "user_id,week_start,week_end,category,account_id,minutes\n"
        "U1,2026-06-01,2026-06-08,internal,,90\n"
    )
    workspace = Workspace.create(tmp_path / "company")

    workspace.import_folder(exports)

    assert len(workspace.facts().rows("accounts", ["account_id"])) == 200
    assert workspace.facts().rows("time_totals", ["minutes"]) == [(90,)]
