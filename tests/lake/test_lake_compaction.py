"""Compaction: fewer files, the same facts, nothing removed that a kept snapshot needs."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from deliveries import DAY_ONE, Delivery, write

from tenure.kernel import clock, points
from tenure.kernel.errors import LakeError, UserError
from tenure.lake import snapshots
from tenure.lake.compact import compact
from tenure.lake.engines.duckdb import Engine
from tenure.lake.lake import Lake

MONTH = timedelta(days=30)


def delivered(lake: Lake, count: int) -> None:
    for n in range(count):
        rows = [
            {"account_id": f"a{n}", "name": "A", "arr": n},
            {"account_id": "same", "name": f"v{n}", "arr": n},
        ]
        write(lake, Delivery(f"i{n}", {"accounts": rows}, DAY_ONE + timedelta(days=n)))


def content(lake: Lake, number: int | None = None) -> list[tuple[object, ...]]:
    shown = snapshots.newest(lake) if number is None else snapshots.at(lake, number)
    with Engine(lake, shown) as engine:
        return engine.rows("select * from accounts order by account_id")


def data_files(lake: Lake) -> list[Path]:
    return list(lake.path("accounts").glob("*.parquet"))


def grown_old(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file a month older, and the clock with it for what comes."""
    then = time.time() - MONTH.total_seconds()
    for path in lake.root.rglob("*.parquet"):
        os.utime(path, (then, then))
    monkeypatch.setenv("TENURE_NOW", (clock.now() + MONTH).isoformat())


def test_compaction_keeps_the_facts_and_makes_a_new_snapshot(lake: Lake) -> None:
    delivered(lake, 4)
    before = content(lake)
    done = compact(lake)
    assert (done.merged, done.written, done.removed, done.snapshot) == (4, 1, 0, 5)
    assert content(lake) == before
    assert content(lake, 4) == before


def test_files_younger_than_the_retention_stay_with_their_snapshots(lake: Lake) -> None:
    delivered(lake, 3)
    compact(lake)
    assert len(data_files(lake)) == 4
    assert [row[0] for row in content(lake, 1)] == ["a0", "same"]


def test_old_files_go_when_no_kept_snapshot_needs_them(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivered(lake, 3)
    before = content(lake)
    (lake.path("accounts") / "part-interrupted.parquet").write_bytes(
        b"half a write that no log knows"
    )
    grown_old(lake, monkeypatch)
    done = compact(lake, keep=[1])
    # the first file is kept for snapshot 1, the three before for the newest snapshot before this one
    assert done.removed == 1
    grown_old(lake, monkeypatch)
    assert compact(lake, keep=[1]).removed == 2
    assert content(lake) == before
    assert [row[0] for row in content(lake, 1)] == ["a0", "same"]
    with pytest.raises(LakeError, match="gone"):
        content(lake, 2)


def test_a_retention_under_a_day_is_refused(lake: Lake) -> None:
    with pytest.raises(UserError, match="retention of 0"):
        compact(lake, retention_days=0)


def test_commits_after_a_compaction_still_know_keys_and_replays(lake: Lake) -> None:
    delivered(lake, 3)
    compact(lake)
    again = write(
        lake,
        Delivery(
            "i1",
            {
                "accounts": [
                    {"account_id": "a1", "name": "A", "arr": 1},
                    {"account_id": "same", "name": "v1", "arr": 1},
                ]
            },
        ),
    )
    assert (again.counts["accounts"].new, again.counts["accounts"].replaced) == (1, 1)
    fresh = write(lake, Delivery("i9", {"accounts": [{"account_id": "a1", "name": "A", "arr": 1}]}))
    assert fresh.counts["accounts"].repeats == 1


def test_two_compactions_never_run_at_once_even_without_the_writers_lock(lake: Lake) -> None:
    """The library (1.6) would double every row that both merge."""
    lake.locking = False
    delivered(lake, 2)
    free = []

    def look(name: str) -> None:
        if name.startswith("compact."):
            with lake.locked_if_free(".compacting") as is_free:
                free.append(is_free)

    points.arm(look)
    try:
        compact(lake)
    finally:
        points.arm(None)
    assert free
    assert not any(free)
