"""Several importers at once, with and without the writer's lock: the result is that of one after the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cases import written
from children import Runner
from survival import Broken, State, check, ledger, state

PROCESSES = 4


def usage(first: int, last: int) -> list[str]:
    return [
        "account_id,usage_date,event_count",
        *(f"a{i},2026-0{1 + i % 3}-11,{i}" for i in range(first, last)),
    ]


def overlapping(folder: Path, files: int) -> Path:
    """Files of 40 rows, each sharing three quarters with the next."""
    return written(
        folder, {f"usage_daily-{n:02}.csv": usage(10 * n, 10 * n + 40) for n in range(files)}
    )


Serial = Callable[[Path, int], State]


@pytest.fixture(scope="module")
def serial(runner: Runner, tmp_path_factory: pytest.TempPathFactory) -> Serial:
    """What so many of the overlapping files give one after the other."""
    known: dict[int, State] = {}

    def told(files: Path, count: int) -> State:
        if count not in known:
            folder = tmp_path_factory.mktemp("serial") / "w"
            runner.done(do="import", folder=str(folder), files=str(files), one_by_one=True)
            known[count] = state(folder)
        return known[count]

    return told


@pytest.mark.parametrize("locking", [True, False])
def test_the_same_folder_given_to_four_processes_at_once_is_loaded_once(
    runner: Runner, tmp_path: Path, locking: bool
) -> None:
    files = written(
        tmp_path / "files",
        {"accounts.csv": ["account_id,name", "a,A", "b,B"], "usage_daily.csv": usage(0, 30)},
    )
    order = {"do": "import", "folder": str(tmp_path / "w"), "files": str(files), "locking": locking}
    answers = runner.together(*[dict(order) for _ in range(PROCESSES)])
    assert [code for code, _ in answers] == [0] * PROCESSES, answers
    assert {said["import_id"] for _, said in answers} == {answers[0][1]["import_id"]}
    assert {said["loaded"] for _, said in answers} == {32}
    if locking:
        assert [said["already"] for _, said in answers].count(False) == 1
    check(tmp_path / "w")
    assert [row["state"] for row in ledger(tmp_path / "w").values()] == ["done"]


def race(runner: Runner, folder: Path, files: Path, count: int, **more: object) -> None:
    """Every process imports its share of the files, one by one; shares are interleaved by time."""
    share = count // PROCESSES
    orders = [
        {
            "do": "import",
            "folder": str(folder),
            "files": str(files),
            "one_by_one": True,
            "slice": [n * share, (n + 1) * share],
            **more,
        }
        for n in range(PROCESSES)
    ]
    answers = runner.together(*orders)
    assert [code for code, _ in answers] == [0] * PROCESSES, [
        said.get("trace") for _, said in answers
    ]


@pytest.mark.parametrize("locking", [True, False])
def test_overlapping_files_from_four_processes_equal_the_serial_run_cell_by_cell(
    runner: Runner, serial: Serial, tmp_path: Path, locking: bool
) -> None:
    files = overlapping(tmp_path / "files", 8)
    race(runner, tmp_path / "raced", files, 8, locking=locking)
    assert state(tmp_path / "raced") == serial(files, 8)
    check(tmp_path / "raced")


def test_build_b4_without_the_tables_transaction_is_caught_by_overlapping_importers(
    runner: Runner, tmp_path: Path
) -> None:
    """By chance alone a race may end well, so the broken build gets a few of them."""
    files = overlapping(tmp_path / "files", 8)
    caught = []
    for attempt in range(5):
        folder = tmp_path / f"raced-{attempt}"
        race(runner, folder, files, 8, locking=False, bad="B4")
        try:
            check(folder)
        except Broken as broken:
            caught.append(str(broken))
            break
    assert caught
    assert "L1" in caught[0]
    assert "doubled" in caught[0]


@pytest.mark.parametrize("locking", [True, False])
def test_an_import_during_a_compaction_loses_and_doubles_nothing(
    runner: Runner, serial: Serial, tmp_path: Path, locking: bool
) -> None:
    files = overlapping(tmp_path / "files", 6)
    base = {"folder": str(tmp_path / "w"), "files": str(files), "locking": locking}
    runner.done(do="import", one_by_one=True, slice=[0, 3], **base)
    answers = runner.together(
        {"do": "compact", **base},
        {"do": "import", "one_by_one": True, "slice": [3, 6], **base},
        {"do": "compact", **base},
    )
    assert [code for code, _ in answers] == [0, 0, 0], [said.get("trace") for _, said in answers]
    assert state(tmp_path / "w") == serial(files, 6)
    check(tmp_path / "w")


@pytest.mark.night
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("locking", [True, False])
def test_a_hundred_races_equal_the_serial_run(
    runner: Runner, tmp_path: Path, locking: bool
) -> None:
    files = overlapping(tmp_path / "files", 8)
    runner.done(do="import", folder=str(tmp_path / "serial"), files=str(files), one_by_one=True)
    wanted = state(tmp_path / "serial")
    for n in range(100):
        race(runner, tmp_path / f"raced-{n}", files, 8, locking=locking)
        assert state(tmp_path / f"raced-{n}") == wanted
        check(tmp_path / f"raced-{n}")
