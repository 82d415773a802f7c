"""The doctor, and what a power cut may leave: mended where nobody was told, stopped where somebody was."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cases import FIRST, SECOND, written
from deltalake import DeltaTable, write_deltalake
from survival import check, engine_state

from tenure.facts.given import Given, from_file
from tenure.kernel import points
from tenure.kernel.errors import LakeError
from tenure.lake import snapshots
from tenure.lake.doctor import doctor
from tenure.lake.durable import SyncFailed
from tenure.lake.imports import run_import
from tenure.lake.lake import Lake


class PowerCut(Exception):
    """Stands for the moment the lights go out."""


def given(folder: Path) -> list[Given]:
    return [from_file(path, table=path.stem) for path in sorted(folder.iterdir())]


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("first")
    run_import(Lake.create(folder / "w"), given(written(folder / "files", FIRST)))
    return folder / "w"


@pytest.fixture
def first(made_once: Path, tmp_path: Path) -> Lake:
    return Lake.open(shutil.copytree(made_once, tmp_path / "w"))


@pytest.fixture
def second(tmp_path: Path) -> list[Given]:
    return given(written(tmp_path / "second", SECOND))


@pytest.fixture(autouse=True)
def disarmed() -> object:
    yield
    points.arm(None)


def cut_after(
    name: str, occurrence: int, lake: Lake, second: list[Given], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run the second import up to a point, as a process that is never seen again: its input stays."""
    seen = 0

    def probe(at: str) -> None:
        nonlocal seen
        seen += at == name
        if at == name and seen == occurrence:
            points.arm(None)
            raise PowerCut

    points.arm(probe)
    with monkeypatch.context() as patched:
        patched.setattr("tenure.lake.imports._give_up", lambda lake, import_id: False)
        with pytest.raises(PowerCut):
            run_import(lake, second)


def newest_entry(lake: Lake, table: str) -> Path:
    return sorted((lake.path(table) / "_delta_log").glob("*.json"))[-1]


def newest_data(lake: Lake, table: str) -> Path:
    lines = [json.loads(line) for line in newest_entry(lake, table).read_text().splitlines()]
    return lake.path(table) / next(line["add"]["path"] for line in lines if "add" in line)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def halved(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_a_healthy_lake_gives_the_doctor_nothing_to_say(first: Lake) -> None:
    assert doctor(first) == []


@pytest.mark.parametrize("damage", [emptied, halved, Path.unlink])
@pytest.mark.parametrize("what", [newest_entry, newest_data])
def test_an_unconfirmed_commit_lost_in_a_power_cut_is_written_again_from_its_input(
    first: Lake,
    second: list[Given],
    monkeypatch: pytest.MonkeyPatch,
    what: Callable[[Lake, str], Path],
    damage: Callable[[Path], None],
) -> None:
    cut_after("lake.after_commit", 2, first, second, monkeypatch)
    damage(what(first, "accounts"))
    before = engine_state(first.folder)
    said = doctor(first)
    assert all(complaint.mended for complaint in said), said
    assert "import.finished" in {complaint.code for complaint in said}
    check(first.folder)
    after = engine_state(first.folder)
    assert (len(before["accounts"]), len(after["accounts"])) == (12, 16)
    assert doctor(first) == []


@pytest.mark.parametrize(
    ("table", "point", "occurrence"),
    [
        ("imports", "lake.after_commit", 1),
        ("snapshots", "snapshot.after", 1),
        ("usage_daily", "lake.after_commit", 4),
    ],
)
def test_any_table_may_lose_its_unconfirmed_commit(
    first: Lake,
    second: list[Given],
    monkeypatch: pytest.MonkeyPatch,
    table: str,
    point: str,
    occurrence: int,
) -> None:
    cut_after(point, occurrence, first, second, monkeypatch)
    emptied(newest_entry(first, table))
    run_import(first, second)
    check(first.folder)
    assert len(engine_state(first.folder)["usage_daily"]) == 26


def test_the_ledger_may_lose_the_unconfirmed_word_done(
    first: Lake, second: list[Given], monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_after("import.after_done", 1, first, second, monkeypatch)
    emptied(newest_entry(first, "imports"))
    run_import(first, second)
    check(first.folder)


@pytest.mark.parametrize("table", ["accounts", "snapshots", "imports", "findings"])
@pytest.mark.parametrize("damage", [emptied, halved])
def test_a_damaged_confirmed_commit_stops_with_the_way_to_restore(
    first: Lake, table: str, damage: Callable[[Path], None]
) -> None:
    damage(newest_entry(first, table))
    with pytest.raises(LakeError, match="restore the last backup"):
        doctor(first)


def test_damage_further_back_stops_with_the_way_to_restore(
    first: Lake, second: list[Given]
) -> None:
    run_import(first, second)
    emptied(sorted((first.path("accounts") / "_delta_log").glob("*.json"))[-2])
    with pytest.raises(LakeError, match="restore the last backup"):
        doctor(first)


def test_a_data_file_cut_off_later_is_named(first: Lake, second: list[Given]) -> None:
    hurt = newest_data(first, "accounts")
    run_import(first, second)
    halved(hurt)
    (complaint,) = doctor(first)
    assert complaint.code == "lake.file_damaged"
    assert hurt.name in complaint.says
    assert "backup" in complaint.remedy


def test_a_damaged_checkpoint_is_set_aside_and_costs_nothing(first: Lake) -> None:
    DeltaTable(str(first.path("accounts"))).create_checkpoint()
    emptied(first.path("accounts") / "_delta_log" / "_last_checkpoint")
    said = doctor(first)
    assert [complaint.code for complaint in said] == ["lake.set_aside"]
    assert len(engine_state(first.folder)["accounts"]) == 12


def test_rows_that_no_import_brought_are_found(first: Lake) -> None:
    table = DeltaTable(str(first.path("accounts")))
    write_deltalake(table, table.scan().read_all(), mode="append")
    snapshots.publish(
        first, {"accounts": DeltaTable(str(first.path("accounts"))).version()}, import_id="by hand"
    )
    assert {complaint.code for complaint in doctor(first)} == {"lake.rows", "lake.doubled"}


def test_a_failed_sync_takes_the_commit_back_and_is_never_tried_a_second_time(
    first: Lake, second: list[Given], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = engine_state(first.folder)
    real, asked = os.fsync, []

    def failing(handle: int) -> None:
        name = str(Path(f"/proc/self/fd/{handle}").readlink())
        asked.append(name)
        if "accounts/part" in name:
            raise OSError(5, "Input/output error")
        real(handle)

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(SyncFailed, match="did not confirm"):
        run_import(first, second)
    hurt = [name for name in asked if "accounts/part" in name]
    assert len(hurt) == 1
    assert engine_state(first.folder) == before
    monkeypatch.setattr(os, "fsync", real)
    run_import(first, second)
    check(first.folder)
    assert len(engine_state(first.folder)["accounts"]) == 16
    assert hurt[0] not in {
        str(path) for path in map(Path, DeltaTable(str(first.path("accounts"))).file_uris())
    }


def test_done_is_said_only_after_every_file_entry_and_folder_was_synced(
    first: Lake, second: list[Given], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, synced = os.fsync, set()

    def noting(handle: int) -> None:
        synced.add(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    before = {path for path in first.root.rglob("*") if "intake" not in path.parts}
    monkeypatch.setattr(os, "fsync", noting)
    run_import(first, second)
    made = {path for path in first.root.rglob("*") if "intake" not in path.parts} - before
    made = {path for path in made if path.is_dir() or path.suffix in (".parquet", ".json")}
    assert len(made) > 12
    assert {str(path) for path in made} <= synced
    assert {str(path.parent) for path in made} <= synced
