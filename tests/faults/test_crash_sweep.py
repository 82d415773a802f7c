"""An import is killed at every named point; whatever comes next, facts are as before or complete, never doubled."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cases import FIRST, SECOND, THIRD, written
from children import Runner, copied
from survival import Broken, State, check, ledger, state, stored

from tenure.facts.given import from_file
from tenure.kernel import points
from tenure.lake.imports import run_import
from tenure.lake.lake import Lake


@dataclass(frozen=True)
class Ground:
    """A workspace with the first delivery, the files of the others, and the states that serial runs give."""

    base: Path
    first: Path
    second: Path
    third: Path
    states: dict[str, State]
    passed: dict[str, int]
    second_id: str
    second_told: dict[str, Any]


@pytest.fixture(scope="module")
def ground(runner: Runner, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    root = tmp_path_factory.mktemp("ground")
    files = {
        n: written(root / n, f)
        for n, f in {"first": FIRST, "second": SECOND, "third": THIRD}.items()
    }
    base = root / "base"
    runner.done(do="import", folder=str(base), files=str(files["first"]))
    states: dict[str, State] = {"1": state(base)}
    second: dict[str, Any] = {}
    for order in ("12", "123", "13", "132"):
        folder = copied(base, root / order)
        for step in order[1:]:
            said = runner.done(
                do="import",
                folder=str(folder),
                files=str(files[["first", "second", "third"][int(step) - 1]]),
            )
            second = second or said
        check(folder)
        states[order] = state(folder)
    return Ground(
        base,
        files["first"],
        files["second"],
        files["third"],
        states,
        second["points"],
        second["import_id"],
        told(root / "12", second["import_id"]),
    )


def killed(
    runner: Runner, ground: Ground, folder: Path, name: str, occurrence: int, **more: Any
) -> Path:
    """A workspace in which the second delivery died at the point."""
    copied(ground.base, folder)
    code, said = runner.run(
        do="import",
        folder=str(folder),
        files=str(ground.second),
        point=name,
        occurrence=occurrence,
        **more,
    )
    assert code == -signal.SIGKILL, said
    return folder


def cases(ground: Ground, most: int) -> Iterator[tuple[str, int]]:
    """Every point with its first occurrences; between the commits of two tables always the first five."""
    for name, count in sorted(ground.passed.items()):
        wanted = 5 if name == "lake.after_commit" else most
        for occurrence in range(1, min(count, wanted) + 1):
            yield name, occurrence


Again = Callable[[Path, Path], object]
"""Imports files into a workspace after a kill: by day in this process, by night in one of its own."""


def here(folder: Path, files: Path) -> None:
    run_import(
        Lake.create(folder),
        [from_file(path, table=path.stem) for path in sorted(files.iterdir())],
    )


def in_its_own_process(runner: Runner) -> Again:
    return lambda folder, files: runner.done(do="import", folder=str(folder), files=str(files))


def sweep_with_the_same_import_next(
    runner: Runner, ground: Ground, folder: Path, most: int, again: Again = here
) -> int:
    swept = 0
    for name, occurrence in cases(ground, most):
        place = f"killed at {name}, occurrence {occurrence}"
        killed(runner, ground, folder, name, occurrence)
        assert state(folder) in (ground.states["1"], ground.states["12"]), place
        again(folder, ground.second)
        assert state(folder) == ground.states["12"], place
        check(folder)
        assert told(folder, ground.second_id) == ground.second_told, place
        swept += 1
    return swept


def told(folder: Path, import_id: str) -> dict[str, Any]:
    """What the ledger and the lists say of an import, without times and numbers of snapshots."""
    summary = ledger(folder)[import_id]["summary"]
    kept = {
        name: summary[name] for name in ("number", "counts", "tables", "findings", "span", "files")
    }
    for name in ("findings", "quarantine"):
        rows = [row for row in stored(folder, name) if row["import_id"] == import_id]
        kept[f"{name}_stored"] = sorted(
            (row["rule"], row["file"], row["line"] or 0) for row in rows
        )
    return kept


def sweep_with_another_import_next(
    runner: Runner, ground: Ground, folder: Path, most: int, again: Again = here
) -> int:
    """At one occurrence only the points of the list: those beside them leave the same on disk."""
    swept = 0
    for name, occurrence in cases(ground, most):
        if most == 1 and name not in REQUIRED:
            continue
        place = f"killed at {name}, occurrence {occurrence}"
        killed(runner, ground, folder, name, occurrence)
        again(folder, ground.third)
        after = state(folder)
        assert after in (ground.states["123"], ground.states["13"]), place
        check(folder)
        swept += 1
        if after == ground.states["123"]:  # it was finished: given again, it changes nothing
            assert ledger(folder)[ground.second_id]["state"] == "done", place
            continue
        again(folder, ground.second)
        assert state(folder) == ground.states["132"], place
        check(folder)
    return swept


REQUIRED = {
    "import.claimed",
    "import.parsed",
    "keys_checked",
    "lake.before_commit",
    "lake.after_commit",
    "lake.after_sync",
    "snapshot.before",
    "snapshot.after",
    "import.before_done",
    "import.after_done",
}


def test_the_import_passes_every_point_of_the_list(ground: Ground) -> None:
    assert set(ground.passed) >= REQUIRED


def test_an_import_killed_anywhere_and_given_again_is_complete_and_never_doubled(
    runner: Runner, ground: Ground, tmp_path: Path
) -> None:
    assert sweep_with_the_same_import_next(runner, ground, tmp_path / "w", most=1) >= 20


def test_an_import_killed_anywhere_is_finished_or_gone_when_another_comes_next(
    runner: Runner, ground: Ground, tmp_path: Path
) -> None:
    assert sweep_with_another_import_next(runner, ground, tmp_path / "w", most=1) >= 14


@pytest.mark.night
@pytest.mark.timeout(1800)
def test_the_first_three_occurrences_of_every_point_are_survived(
    runner: Runner, ground: Ground, tmp_path: Path
) -> None:
    again = in_its_own_process(runner)
    sweep_with_the_same_import_next(runner, ground, tmp_path / "w", 3, again)
    sweep_with_another_import_next(runner, ground, tmp_path / "w", 3, again)


def test_an_import_killed_twice_is_complete_at_the_third_try(
    runner: Runner, ground: Ground, tmp_path: Path
) -> None:
    folder = killed(runner, ground, tmp_path / "w", "lake.after_commit", 2)
    code, _ = runner.run(
        do="import",
        folder=str(folder),
        files=str(ground.second),
        point="snapshot.before",
        occurrence=1,
    )
    assert code == -signal.SIGKILL
    runner.done(do="import", folder=str(folder), files=str(ground.second))
    assert state(folder) == ground.states["12"]
    check(folder)


def test_a_first_import_killed_while_tables_are_made_leaves_an_empty_workspace_that_works(
    runner: Runner, ground: Ground, tmp_path: Path
) -> None:
    for name in ("table.before_create", "table.after_create"):
        for occurrence in (1, 2, 3):
            folder = tmp_path / f"{name}-{occurrence}"
            code, _ = runner.run(
                do="import",
                folder=str(folder),
                files=str(ground.first),
                point=name,
                occurrence=occurrence,
            )
            assert code == -signal.SIGKILL
            assert state(folder) == {}
            runner.done(do="import", folder=str(folder), files=str(ground.first))
            assert state(folder) == ground.states["1"]
            check(folder)


def test_the_second_delivery_gives_what_a_pencil_gives(ground: Ground) -> None:
    after = ground.states["12"]
    assert [len(after[name]) for name in ("accounts", "survey_responses", "usage_daily")] == [
        16,
        7,
        26,
    ]
    names = {row[0]: row[1] for row in after["accounts"]}
    assert (names["a6"], names["a7"], names["a8"]) == ("Renamed", "Renamed", "Account 8")


def test_an_import_that_dies_while_another_waits_for_its_place_is_never_shown_by_half(
    runner: Runner, ground: Ground, tmp_path: Path
) -> None:
    """The third delivery is past its recovery when the second dies after its first table."""
    folder = copied(ground.base, tmp_path / "w")
    seen: list[State] = []

    def meanwhile(name: str) -> None:
        if name == "import.parsed" and not seen:
            seen.append(state(folder))
            code, _ = runner.run(
                do="import",
                folder=str(folder),
                files=str(ground.second),
                point="lake.after_commit",
                occurrence=2,
            )
            assert code == -signal.SIGKILL
            seen.append(state(folder))

    points.arm(meanwhile)
    try:
        files = [from_file(path, table=path.stem) for path in sorted(ground.third.iterdir())]
        run_import(Lake.open(folder), files)
    finally:
        points.arm(None)
    assert seen == [ground.states["1"], ground.states["1"]]
    assert state(folder) == ground.states["123"]
    runner.done(do="import", folder=str(folder), files=str(ground.second))
    assert state(folder) == ground.states["123"]
    check(folder)


def test_numbers_of_imports_have_no_gap_after_a_kill(
    runner: Runner, ground: Ground, tmp_path: Path
) -> None:
    folder = killed(runner, ground, tmp_path / "w", "import.claimed", 1)
    said = runner.done(do="import", folder=str(folder), files=str(ground.third))
    assert said["number"] == 2
    assert sorted(row["state"] for row in ledger(folder).values()) == ["done", "done", "dropped"]


def test_build_b1_without_the_imports_transaction_is_caught_by_the_sweep(
    runner: Runner, ground: Ground, tmp_path: Path
) -> None:
    folder = killed(runner, ground, tmp_path / "w", "lake.after_commit", 2, bad="B1")
    runner.done(do="import", folder=str(folder), files=str(ground.second), bad="B1")
    with pytest.raises(Broken, match="told of 0 rows, 6 are there") as caught:
        check(folder)
    assert caught.value.law == "L1"


def test_a_workspace_is_ready_again_within_five_seconds_of_a_kill(
    runner: Runner, ground: Ground, tmp_path: Path
) -> None:
    folder = killed(runner, ground, tmp_path / "w", "lake.after_commit", 3)
    said = runner.done(do="import", folder=str(folder), files=str(ground.third))
    assert said["seconds"] < 5
    assert Lake.open(folder)
