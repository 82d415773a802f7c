"""Rows and flags made in a process of their own are those made here; what fails there is said and stops nothing."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.conf import settings

from tenure.desk import kept_rows
from tenure.desk.home import Home
from tenure.desk.keeping import Keeper
from tenure.desk.kept_rows import made_of, rows_of_all
from tenure.desk.made_apart import made_apart, unpacked
from tenure.kernel.errors import Bug
from tenure.workspace import Workspace


def test_rows_made_apart_are_the_rows_made_here(served: Home) -> None:
    here, (apart, _) = served.present(), made_apart(served.folder)

    assert [row.account_id for row in apart.rows] == [row.account_id for row in here.rows]
    assert list(apart.rows) == list(here.rows)
    assert (apart.day, apart.snapshot, apart.owned, apart.lines) == (
        here.day, here.snapshot, here.owned, here.lines,
    )  # fmt: skip


def test_rows_that_say_what_they_said_stay_the_rows_they_were(writable: Home) -> None:
    first, packed = made_apart(writable.folder)
    again = unpacked(io.BytesIO(packed), first)
    assert all(a is b for a, b in zip(again.rows, first.rows, strict=True))
    assert again.by_id == first.by_id
    assert again.scores == first.scores

    Workspace.open(writable.folder).load(
        {"accounts": [{"account_id": "alder", "name": "Alder & Daughters"}]}, source="crm"
    )
    newer, _ = made_apart(writable.folder, first)
    assert newer.by_id["alder"].name == "Alder & Daughters"
    assert first.by_id["alder"].name == "Alder Works"
    assert newer.by_id["birch"] is first.by_id["birch"]
    assert [row.account_id for row in newer.rows] == list(newer.by_id)


def test_rows_are_made_once_for_all_processes_and_for_nobody_without_the_key(
    writable: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    made = rows_of_all(writable.folder, None, lambda: sent.append(1))
    monkeypatch.setattr(kept_rows, "made_apart", _not_again)
    kept = rows_of_all(writable.folder, None, lambda: sent.append(2))
    assert list(kept.rows) == list(made.rows)
    assert sent == [1, 2]
    assert (writable.folder / kept_rows.ROWS).stat().st_mode & 0o077 == 0

    file = writable.folder / kept_rows.ROWS
    whole = file.read_bytes()
    for broken in (whole[:-9], whole[:40] + b"x" + whole[41:], bytes(32) + whole[32:], b""):
        file.write_bytes(broken)
        with pytest.raises(AssertionError, match="made again"):
            rows_of_all(writable.folder, None, lambda: None)
    file.write_bytes(whole)
    monkeypatch.setattr(settings, "SECRET_KEY", "another " * 9)
    with pytest.raises(AssertionError, match="made again"):
        rows_of_all(writable.folder, None, lambda: None)


def test_kept_rows_are_not_shown_after_a_refresh_has_made_other_weeks(
    writable: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows_of_all(writable.folder, None, lambda: None)
    Workspace.open(writable.folder).refresh()
    monkeypatch.setattr(kept_rows, "made_apart", _not_again)
    with pytest.raises(AssertionError, match="made again"):
        rows_of_all(writable.folder, None, lambda: None)


@pytest.mark.parametrize("what", ["facts", "settings", "metrics"])
def test_kept_rows_are_those_of_these_facts_settings_and_metrics(what: str, writable: Home) -> None:
    before = made_of(writable.folder)
    if what == "facts":
        rows = {"accounts": [{"account_id": "fig", "name": "Fig"}]}
        Workspace.open(writable.folder).load(rows, source="crm")
    elif what == "settings":
        file = writable.folder / "tenure.toml"
        file.write_text(file.read_text() + "\n[cadence]\nsmb = 91\n")
    else:
        own = writable.folder / "catalogue" / "metrics" / "own.toml"
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_text("")
    assert made_of(writable.folder) != before


def _not_again(*_: object) -> None:
    raise AssertionError("made again")


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
