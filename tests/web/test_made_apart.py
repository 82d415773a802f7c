"""Rows and flags made in a process of their own are those made here; what fails there is said and stops nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenure.desk.home import Home
from tenure.desk.keeping import Keeper
from tenure.desk.made_apart import made_apart
from tenure.kernel.errors import Bug
from tenure.workspace import Workspace


def test_rows_made_apart_are_the_rows_made_here(served: Home) -> None:
    here, (apart, _) = served.present(), made_apart(served.folder)

    assert [row.account_id for row in apart.rows] == [row.account_id for row in here.rows]
    assert list(apart.rows) == list(here.rows)
    assert (apart.day, apart.snapshot, apart.owned, apart.lines) == (
        here.day, here.snapshot, here.owned, here.lines,
    )  # fmt: skip


def test_a_failure_apart_says_what_happened(tmp_path: Path) -> None:
    with pytest.raises(Bug, match="ended with"):
        made_apart(tmp_path / "nowhere")


def test_kept_up_apart_once_is_kept_up_and_what_comes_in_meanwhile_asks_for_another_round(
    writable: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tenure.desk import keeping

    writable.makes_apart = True
    keeper = Keeper(writable, now=iter(range(0, 10**9, 10**6)).__next__)

    assert keeper.round()
    assert not keeper.round()
    assert any(flag.is_ours for flag in Workspace.open(writable.folder).flags())

    def meanwhile(folder: Path) -> bool:
        Workspace.open(folder).load(
            {"accounts": [{"account_id": "gum", "name": "Gum"}]}, source="crm"
        )
        return False

    Workspace.open(writable.folder).load(
        {"accounts": [{"account_id": "nut", "name": "Nut"}]}, source="crm"
    )
    monkeypatch.setattr(keeping, "keep_apart", meanwhile)
    assert keeper.round()
    monkeypatch.setattr(keeping, "keep_apart", lambda _: False)
    assert keeper.round()  # gum came in while nut was being kept up
    assert not keeper.round()
