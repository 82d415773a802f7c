"""Sums kept by month: they are what adding up at once gives, and only a month that changed is added up anew."""

from __future__ import annotations

import os
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tenure import Workspace
from tenure.kernel import clock
from tenure.lake.compact import compact

FIRST = date(2026, 1, 20)


def usage(day: date, user: str, events: int = 3, **more: Any) -> dict[str, Any]:
    row = {"account_id": "A1", "product_user_id": user, "usage_date": day.isoformat()}
    return row | {"event_count": str(events)} | more


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    made = Workspace.create(tmp_path / "w")
    rows = [
        usage(FIRST + timedelta(days=2 * n), user, n % 4)
        for n in range(40)
        for user in ("u1", "u2", "u3")
        if (n * len(user) + ord(user[1])) % 3
    ]
    made.load({"accounts": [{"account_id": "A1", "start_date": "2026-01-05"}], "usage_daily": rows})
    return made


def days(ws: Workspace) -> list[tuple[Any, ...]]:
    """An account's days as a question reads them, sums kept by month."""
    reading = ws.computed().reading
    return reading.query(f"select * from {reading.relation('account_days', {})} order by 1, 2")  # noqa: S608


def added_up(ws: Workspace) -> list[tuple[Any, ...]]:
    return ws.facts().query(
        "select account_id, usage_date, count(*), sum(event_count)::bigint, sum(units) "
        "from usage_daily group by 1, 2 order by 1, 2"
    )


def kept(ws: Workspace) -> dict[str, list[Path]]:
    """Kept files by month."""
    found: dict[str, list[Path]] = {}
    for path in sorted((ws.lake.rollups / "account_days").iterdir()):
        found.setdefault(path.name[:7], []).append(path)
    return found


def test_months_added_up_one_by_one_are_the_whole(ws: Workspace) -> None:
    assert days(ws) == added_up(ws)
    assert len(days(ws)) > 30
    assert list(kept(ws)) == ["2026-01", "2026-02", "2026-03", "2026-04"]


def test_only_a_month_that_changed_is_added_up_anew(ws: Workspace) -> None:
    days(ws)
    before = kept(ws)
    ws.load({"usage_daily": [usage(date(2026, 2, 3), "u9", 7)]})
    ws = Workspace.open(ws.lake.folder)

    assert days(ws) == added_up(ws)
    now = kept(ws)
    assert {m for m in now if now[m] != before[m]} == {"2026-02"}
    assert all(path.stat().st_ino for own in before.values() for path in own)


def test_a_correction_replaces_what_was_added_up(ws: Workspace) -> None:
    corrected = days(ws)[5]
    ws.load({"usage_daily": [usage(corrected[1], "u1", 1000), usage(corrected[1], "u2", 500)]})
    ws = Workspace.open(ws.lake.folder)

    assert days(ws) == added_up(ws)
    assert days(ws)[5] != corrected


def test_a_day_known_later_is_not_among_the_sums_known_before(ws: Workspace) -> None:
    days(ws)
    reading = ws.computed(as_known_on=date(2026, 2, 28)).reading
    seen = reading.query(f"select max(usage_date) from {reading.relation('account_days', {})}")  # noqa: S608
    assert seen == [(date(2026, 2, 27),)]


def test_sums_that_cannot_be_kept_are_made_all_the_same(ws: Workspace) -> None:
    ws.lake.rollups.write_text("a file where the folder would be")
    assert days(ws) == added_up(ws)


def test_whoever_removes_the_folder_loses_nothing(ws: Workspace) -> None:
    first = days(ws)
    for own in kept(ws).values():
        for path in own:
            path.unlink()
    assert days(Workspace.open(ws.lake.folder)) == first
    assert len(kept(ws)) == 4


def test_what_a_killed_process_left_is_never_read_and_goes_with_time(ws: Workspace) -> None:
    days(ws)
    whole = kept(ws)["2026-01"][0]
    left = whole.with_name(f".{whole.name}.4711")
    left.write_bytes(b"PAR1 half of it")
    assert days(Workspace.open(ws.lake.folder)) == added_up(ws)

    old = clock.now().timestamp() - 8 * 86400
    os.utime(left, (old, old))
    compact(ws.lake)
    assert not left.exists()
    assert whole.exists()


def test_sums_nobody_has_read_for_a_week_go_with_compaction(ws: Workspace) -> None:
    days(ws)
    ws.load({"usage_daily": [usage(date(2026, 2, 3), "u9", 7)]})
    ws = Workspace.open(ws.lake.folder)
    old = time.time() - 8 * 86400
    for own in kept(ws).values():
        for path in own:
            os.utime(path, (old, old))
    days(ws)
    assert len(kept(ws)["2026-02"]) == 2

    compact(ws.lake)
    assert [len(own) for own in kept(ws).values()] == [1, 1, 1, 1]
    assert days(Workspace.open(ws.lake.folder)) == added_up(ws)
