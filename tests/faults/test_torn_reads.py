"""A reader that looks at any moment sees an import whole or not at all, and only rows that are there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bad_builds
import pytest
from cases import FIRST, SECOND, written
from survival import Broken, check, engine_state, state

from tenure.facts.given import Given, from_file
from tenure.kernel import points
from tenure.lake import snapshots
from tenure.lake.compact import compact
from tenure.lake.engines.duckdb import Engine
from tenure.lake.imports import run_import
from tenure.lake.lake import Lake

BEFORE = (12, 6, 190)
AFTER = (16, 7, 325)
"""Accounts, responses, and events of usage: 0 + 1 + ... + 19, then + 20 + ... + 25."""


def given(folder: Path) -> list[Given]:
    return [from_file(path, table=path.stem) for path in sorted(folder.iterdir())]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake.create(tmp_path / "w")
    run_import(made, given(written(tmp_path / "first", FIRST)))
    return made


@pytest.fixture(autouse=True)
def as_shipped() -> Iterator[None]:
    yield
    points.arm(None)
    bad_builds.right()


def seen(folder: Path) -> tuple[int, ...]:
    """What a reader that opens the workspace now sees of three tables."""
    lake = Lake.open(folder)
    with Engine(lake, snapshots.newest(lake)) as engine:
        return tuple(
            int(engine.rows(query)[0][0] or 0)
            for query in (
                "select count(*) from accounts",
                "select count(*) from survey_responses",
                "select sum(event_count) from usage_daily",
            )
        )


def polled(lake: Lake, second: list[Given]) -> list[tuple[str, tuple[int, ...]]]:
    """What readers saw at every point of the second import."""
    found: list[tuple[str, tuple[int, ...]]] = []

    def look(name: str) -> None:
        if name.split(".")[0] in ("lake", "snapshot", "import"):
            found.append((name, seen(lake.folder)))

    points.arm(look)
    run_import(lake, second)
    points.arm(None)
    return found


def torn(found: list[tuple[str, tuple[int, ...]]]) -> list[str]:
    """The points at which a reader saw neither the one state nor the other, or went back."""
    wrong = [name for name, sums in found if sums not in (BEFORE, AFTER)]
    kinds = [sums for _, sums in found if sums in (BEFORE, AFTER)]
    return wrong + (["went back"] if kinds != sorted(kinds) else [])


def test_a_reader_sees_an_import_of_three_tables_whole_or_not_at_all(
    lake: Lake, tmp_path: Path
) -> None:
    found = polled(lake, given(written(tmp_path / "second", SECOND)))
    assert torn(found) == []
    assert {sums for _, sums in found} == {BEFORE, AFTER}


def test_build_b9_that_reads_newest_versions_is_caught_by_the_torn_read_poller(
    lake: Lake, tmp_path: Path
) -> None:
    bad_builds.newest_versions()
    caught = torn(polled(lake, given(written(tmp_path / "second", SECOND))))
    assert "lake.after_commit" in caught


def test_after_a_compaction_the_engine_and_a_second_reader_agree(
    lake: Lake, tmp_path: Path
) -> None:
    run_import(lake, given(written(tmp_path / "second", SECOND)))
    compact(lake)
    check(lake.folder)
    assert seen(lake.folder) == AFTER


def test_build_b7_that_globs_is_caught_by_the_second_reader_after_a_compaction(
    lake: Lake, tmp_path: Path
) -> None:
    run_import(lake, given(written(tmp_path / "second", SECOND)))
    compact(lake)
    bad_builds.glob()
    with pytest.raises(Broken) as caught:
        check(lake.folder)
    assert caught.value.law == "second readers"
    assert len(engine_state(lake.folder)["survey_responses"]) == 2 * len(
        state(lake.folder)["survey_responses"]
    )


def test_a_reader_that_opened_before_a_compaction_reads_on(lake: Lake) -> None:
    with Engine(lake, snapshots.newest(lake)) as engine:
        assert engine.rows("select count(*) from accounts") == [(12,)]
        compact(lake)
        assert engine.rows("select count(*) from accounts") == [(12,)]
        assert engine.rows("select count(*) from usage_daily") == [(20,)]
