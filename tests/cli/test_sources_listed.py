"""`tenure sources`, and refusals that name the sources and the lines to write."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tenure import Workspace
from tenure.cli.app import app
from tenure.kernel.errors import UserError

START = date(2025, 1, 5)


def crm() -> dict[str, list[dict[str, Any]]]:
    return {
        "accounts": [
            {"account_id": f"A{n}", "start_date": str(START), "segment": "smb"} for n in range(5)
        ],
        "contract_lines": [
            {"line_id": f"L{n}", "account_id": f"A{n}", "arr": "1200", "start_date": str(START),
             **({"end_date": "2030-01-01"} if n else {})}
            for n in range(5)
        ],
    }  # fmt: skip


def scores() -> dict[str, list[dict[str, Any]]]:
    days = [START + timedelta(weeks=week) for week in range(60)]
    return {
        "health_scores": [
            {"account_id": f"A{n}", "score_date": str(day), "score": "70"}
            for n in range(5)
            for day in days
        ]
    }


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("TENURE_NOW", "2026-03-02T08:30:00")
    made = Workspace.create(tmp_path / "w")
    made.load(crm(), source="Our CRM")
    made.load(scores(), source="scores")
    return made


def trusting(ws: Workspace, lines: str) -> Workspace:
    file = ws.folder / "tenure.toml"
    file.write_text(f"{file.read_text()}\n{lines}\n")
    return Workspace.open(ws.folder)


def test_each_source_is_listed_by_name_with_what_it_brought(ws: Workspace) -> None:
    found = {one.name: one for one in ws.sources()}
    assert set(found) == {"Our CRM", "scores"}
    own = found["Our CRM"]
    assert (own.rows, own.tables) == (10, ("accounts", "contract_lines"))
    assert (own.first, own.last) == (START, START), "a day to come has not happened"
    assert own.last_import is not None
    assert own.last_import.date() == date(2026, 3, 2)
    assert own.backfill_trusted == "not said"
    assert own.hidden == ("accounts", "contract_lines")
    assert found["scores"].hidden == (), "what happened on a day is known from that day"


def test_what_the_settings_say_of_a_source_is_shown_with_what_it_means(ws: Workspace) -> None:
    ws = trusting(ws, '[sources."Our CRM"]\nbackfill_trusted = true')
    ws = trusting(ws, "[sources.scores]\nbackfill_trusted = false")
    found = {one.name: one for one in ws.sources()}
    assert (found["Our CRM"].backfill_trusted, found["Our CRM"].hidden) == ("yes", ())
    assert (found["scores"].backfill_trusted, found["scores"].hidden) == ("no", ("health_scores",))
    assert "the day they were loaded" in found["scores"].says


def test_a_refusal_names_the_source_and_its_lines_can_be_copied_and_help(ws: Workspace) -> None:
    with pytest.raises(UserError, match="the facts were loaded later") as caught:
        ws.panel(["health_score"])
    remedy = caught.value.remedy
    assert "They came from `Our CRM`." in remedy
    assert "scores" not in remedy
    lines = remedy.split(":\n\n")[1].split("\n\n`")[0]
    assert tomllib.loads(lines) == {"sources": {"Our CRM": {"backfill_trusted": True}}}
    assert len(trusting(ws, lines).panel(["health_score"])) > 0


def test_a_source_that_is_said_not_to_be_trusted_is_named_as_such(ws: Workspace) -> None:
    ws = trusting(ws, '[sources."Our CRM"]\nbackfill_trusted = false')
    with pytest.raises(UserError) as caught:
        ws.panel(["health_score"])
    assert "in place of what it says of `Our CRM`" in caught.value.remedy


def test_the_command_line_shows_sources_and_the_lines_to_write(ws: Workspace) -> None:
    out = CliRunner().invoke(app, ["sources", "-w", str(ws.folder)]).output
    assert "Our CRM: 10 rows from 2025-01-05 to 2025-01-05, last import 2026-03-02 08:30 UTC" in out
    assert "scores: 300 rows" in out
    assert '[sources."Our CRM"]\nbackfill_trusted = true' in out


def test_an_empty_workspace_says_how_to_begin(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "w")
    out = CliRunner().invoke(app, ["sources", "-w", str(tmp_path / "w")]).output
    assert "tenure import FOLDER" in out
