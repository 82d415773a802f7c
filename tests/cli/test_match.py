"""`tenure match`: suggested, previewed, merged, undone and kept apart from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tenure import Workspace
from tenure.cli.app import app
from tenure.kernel.errors import UserError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TENURE_NOW", "2026-05-01T09:00:00")
    ws = Workspace.create(tmp_path / "w")
    for account, name, arr in (("a", "Alder", "1000"), ("b", "ALDER Inc.", "500")):
        line = {
            "line_id": f"L{account}",
            "account_id": account,
            "arr": arr,
            "start_date": "2026-01-05",
        }
        ws.load(
            {"accounts": [{"account_id": account, "name": name}], "contract_lines": [line]},
            source=f"of-{account}",
        )
    return ws.folder


def run(folder: Path, *words: str) -> str:
    done = CliRunner().invoke(app, ["match", *words, "--workspace", str(folder)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_a_pair_is_listed_previewed_merged_and_undone(folder: Path) -> None:
    assert "b (ALDER Inc.) -> a (Alder)" in run(folder, "list")

    looked = run(folder, "accept", "b", "a", "--preview")
    assert "1,000, then 1,500 USD" in looked
    assert "Nothing was merged" in looked
    assert Workspace.open(folder).matches() == []

    run(folder, "accept", "b", "a", "--by", "Olga", "--why", "one tax number")
    told = json.loads(run(folder, "list", "--json"))
    assert told["to_match"] == []
    assert [(m["other"], m["kept"], m["by"]) for m in told["merged"]] == [("b", "a", "Olga")]

    assert "of its own again" in run(folder, "undo", "b")
    assert Workspace.open(folder).matches() == []


def test_a_pair_kept_apart_is_listed_no_more(folder: Path) -> None:
    run(folder, "reject", "b", "a", "--why", "two companies")

    assert "No two accounts look like one customer" in run(folder, "list")


def test_a_merge_with_itself_is_refused(folder: Path) -> None:
    with pytest.raises(UserError, match="is itself already"):
        run(folder, "accept", "a", "a")
