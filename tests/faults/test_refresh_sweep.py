"""A refresh is killed at every named point: readers see the history before, and the next refresh makes it whole."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from children import Runner, copied

from tenure import Workspace
from tenure.kernel import points
from tenure.lake import refreshes

HOW: dict[str, Any] = {"step": "month", "since": "2026-02-01"}
USERS = [{"product_user_id": f"u{i}", "account_id": f"A{i}"} for i in range(8)]
FACTS: dict[str, list[dict[str, Any]]] = {
    "accounts": [{"account_id": f"A{i}", "start_date": "2026-01-05"} for i in range(8)],
    "contract_lines": [
        {"line_id": f"L{i}", "account_id": f"A{i}", "arr": "1200", "start_date": "2026-01-05"}
        for i in range(8)
    ],
    "health_scores": [
        {"account_id": f"A{i}", "score_date": "2026-02-10", "score": str(60 + i)} for i in range(8)
    ],
    "product_users": USERS,
    "usage_daily": [
        {**user, "usage_date": day, "event_count": "3"}
        for user in USERS
        for day in ("2026-02-20", "2026-04-30")
    ],
}
NEWS: dict[str, list[dict[str, Any]]] = {
    "health_scores": [{"account_id": "A1", "score_date": "2026-03-10", "score": "10"}],
    "usage_daily": [{**USERS[2], "usage_date": "2026-03-05", "event_count": "9"}],
}
"""Late facts of two accounts: some as-ofs come out otherwise, and others are carried over."""


def seen(folder: Path) -> dict[str, Any]:
    """All that a reader is shown, by day and by account."""
    ws = Workspace.open(folder)
    names = [metric for part in ws.kept.parts.values() for metric in part.metrics]
    by_day = list(ws.history(names))
    accounts = sorted({row["account_id"] for row in by_day})
    return {"by day": by_day, "by account": list(ws.history(names, accounts))}


def states(folder: Path) -> list[str]:
    """The last word of the ledger on every run, in order."""
    last: dict[int, str] = {}
    for _, run, word, *_ in refreshes._rows(Workspace.open(folder).lake):
        last[run] = word
    return [last[run] for run in sorted(last)]


@dataclass(frozen=True)
class Ground:
    """A workspace with a history and news that it does not hold yet; what is shown before and after."""

    base: Path
    before: dict[str, Any]
    after: dict[str, Any]
    passed: dict[str, int]


@pytest.fixture(scope="module")
def ground(runner: Runner, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    root = tmp_path_factory.mktemp("ground")
    ws = Workspace.create(root / "base")
    ws.load(FACTS)
    ws.refresh(**HOW)
    before = seen(root / "base")
    ws.load(NEWS)
    again = copied(root / "base", root / "again")
    said = runner.done(do="refresh", folder=str(again), how=HOW)
    assert said["made"]["health"] == 2
    whole = copied(root / "base", root / "whole")
    runner.done(do="refresh", folder=str(whole), how={**HOW, "full": True})
    assert seen(again) == seen(whole) != before
    return Ground(root / "base", before, seen(again), said["points"])


def killed(
    runner: Runner, folder: Path, name: str, occurrence: int, how: dict[str, Any] = HOW
) -> None:
    code, said = runner.run(
        do="refresh", folder=str(folder), how=how, point=name, occurrence=occurrence
    )
    assert code == -signal.SIGKILL, said


def sweep(runner: Runner, ground: Ground, folder: Path, cases: Iterator[tuple[str, int]]) -> int:
    swept = 0
    for name, occurrence in cases:
        place = f"killed at {name}, occurrence {occurrence}"
        copied(ground.base, folder)
        killed(runner, folder, name, occurrence)
        was_done = states(folder)[-1] == "done" and len(states(folder)) == 2
        assert seen(folder) == (ground.after if was_done else ground.before), place
        said = runner.done(do="refresh", folder=str(folder), how=HOW)
        assert seen(folder) == ground.after, place
        assert set(states(folder)) <= {"done", "undone"}, place
        assert (said["undone"] is not None) == ("undone" in states(folder)), place
        swept += 1
    return swept


def every(ground: Ground) -> Iterator[tuple[str, int]]:
    for name, count in sorted(ground.passed.items()):
        for occurrence in range(1, count + 1):
            yield name, occurrence


def test_a_refresh_passes_the_points_it_is_killed_at(ground: Ground) -> None:
    assert set(ground.passed) >= {
        "values.before_commit", "values.after_commit", "refresh.part_done",
        "lake.before_commit", "lake.after_commit", "lake.after_sync", "sync.before",
    }  # fmt: skip


def test_a_refresh_killed_between_its_commits_is_undone_and_done_by_the_next(
    runner: Runner, ground: Ground, tmp_path: Path
) -> None:
    cases = [
        ("lake.after_commit", 1), ("values.after_commit", 1), ("values.after_commit", 4), ("lake.after_commit", 2),
    ]  # fmt: skip
    assert sweep(runner, ground, tmp_path / "w", iter(cases)) == len(cases)


@pytest.mark.night
@pytest.mark.timeout(1800)
def test_a_refresh_killed_anywhere_is_undone_and_done_by_the_next(
    runner: Runner, ground: Ground, tmp_path: Path
) -> None:
    assert sweep(runner, ground, tmp_path / "w", every(ground)) >= 30


def test_a_refresh_killed_while_it_undoes_another_is_survived_too(
    runner: Runner, ground: Ground, tmp_path: Path
) -> None:
    for name in ("values.before_undo", "values.after_undo"):
        folder = copied(ground.base, tmp_path / name)
        killed(runner, folder, "values.after_commit", 2)
        killed(runner, folder, name, 1)
        assert seen(folder) == ground.before
        runner.done(do="refresh", folder=str(folder), how=HOW)
        assert seen(folder) == ground.after


def test_a_first_refresh_killed_leaves_no_history_and_the_next_makes_it(
    runner: Runner, ground: Ground, tmp_path: Path
) -> None:
    folder = tmp_path / "w"
    Workspace.create(folder).load(FACTS)
    killed(runner, folder, "values.after_commit", 3)
    assert Workspace.open(folder).kept.run == 0
    runner.done(do="refresh", folder=str(folder), how=HOW)
    assert seen(folder) == ground.before


def test_readers_during_a_refresh_see_the_history_before(ground: Ground, tmp_path: Path) -> None:
    folder = copied(ground.base, tmp_path / "w")
    looked = 0

    def look(name: str) -> None:
        nonlocal looked
        if name in ("values.after_commit", "refresh.part_done"):
            points.arm(None)
            assert seen(folder) == ground.before
            points.arm(look)
            looked += 1

    points.arm(look)
    try:
        Workspace.open(folder).refresh(**HOW)
    finally:
        points.arm(None)
    assert looked >= 4
    assert seen(folder) == ground.after
