"""Rows that their giver takes back drop out; those of others, and keys nobody gave, are passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenure.lake import ledger
from tenure.workspace import Workspace

GOALS = [{"goal_id": n, "account_id": "a", "name": f"Goal {n}"} for n in ("g1", "g2")]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    ws = Workspace.create(tmp_path / "ws")
    ws.load({"accounts": [{"account_id": "a"}], "goals": GOALS}, source="desk")
    return ws


def ids(ws: Workspace) -> list[str]:
    return sorted(id_ for (id_,) in Workspace.open(ws.folder).facts().rows("goals", ["goal_id"]))


def test_a_row_taken_back_by_its_giver_is_gone_and_said_so(workspace: Workspace) -> None:
    strange = {"goal_id": "g9", "account_id": "a", "name": "Nobody's"}

    done = workspace.withdraw({"goals": [GOALS[0], strange]}, source="desk")

    assert (done.closed, done.refused) == (1, 0)
    assert ids(workspace) == ["g2"]
    assert [f["rule"] for f in workspace.findings(done.number)] == ["row.withdrawn"]
    assert workspace.doctor() == []


def test_nobody_takes_back_what_another_source_said_last(workspace: Workspace) -> None:
    assert workspace.withdraw({"goals": GOALS}, source="other").closed == 0

    workspace.load({"goals": [GOALS[0] | {"name": "Said anew"}]}, source="other")
    assert workspace.withdraw({"goals": GOALS}, source="desk").closed == 1
    assert ids(workspace) == ["g1"]


def test_what_was_taken_back_can_be_given_and_taken_back_again(workspace: Workspace) -> None:
    for _ in range(2):
        workspace.withdraw({"goals": [GOALS[0]]}, source="desk")
        assert ids(workspace) == ["g2"]
        workspace.load({"goals": [GOALS[0]]}, source="desk", again=True)
        assert ids(workspace) == ["g1", "g2"]


def test_a_withdrawal_whose_process_died_is_finished_as_one(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the lake's commit and the ledger's word: the replay withdraws, and does not load."""

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ledger, "finish", dies)
    with pytest.raises(KeyboardInterrupt):
        workspace.withdraw({"goals": [GOALS[0]]}, source="desk")
    monkeypatch.undo()

    after = Workspace.open(workspace.folder)
    after.load({"accounts": [{"account_id": "b"}]}, source="desk")

    assert ids(after) == ["g2"]
    assert [s.closed for s in after.imports()] == [0, 1, 0]


def test_rows_can_be_tried_without_being_written(workspace: Workspace) -> None:
    before = workspace.snapshot.number
    wrong = {"goal_id": "g3", "account_id": "a", "name": None}
    plan = {"account_id": "a", "touch_type": "any", "interval_days": 14,
            "start_date": "2026-02-01", "end_date": "2026-01-01"}  # fmt: skip

    found = workspace.would_refuse({"goals": [GOALS[0], wrong], "cadence_plans": [plan]})

    assert {(f["table_name"], f["line"], f["column_name"]) for f in found} == {
        ("goals", 2, "name"),
        ("cadence_plans", 1, "end_date"),
    }
    assert workspace.would_refuse({"goals": GOALS}) == []
    assert workspace.snapshot.number == before
    assert ids(workspace) == ["g1", "g2"]
