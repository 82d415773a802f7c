"""A tenth of all rows malformed in 40 ways: each is told with its place, and the others are as if alone."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from malformed import KINDS, TABLES, Truth, plant
from proof import differences, findings_of, lines_of

from tenure import Workspace
from tenure.facts.sources import bulk

ROWS = 20_000


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp("forty")
    return folder, plant(folder, rows=ROWS)


@pytest.fixture(scope="module")
def workspaces(planted: tuple[Path, Truth]) -> Any:
    """The malformed files imported, and the good rows of them alone."""
    folder, _ = planted
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "SMALLEST", 0)
        found = {}
        for name in ("malformed", "good"):
            found[name] = Workspace.create(folder / f"ws-{name}")
            found[name].import_folder(folder / name / "exports")
    return found


def test_there_are_forty_kinds_and_each_is_planted(planted: tuple[Path, Truth]) -> None:
    _, truth = planted
    assert len(KINDS) == len({kind.name for kind in KINDS}) == len(truth.kinds) == 40
    assert min(truth.kinds.values()) >= 10
    assert ROWS * 0.09 < truth.bad < ROWS * 0.11


def test_every_bad_row_is_told_with_place_value_and_rule_and_nothing_else_is(
    planted: tuple[Path, Truth], workspaces: Any
) -> None:
    assert Counter(findings_of(workspaces["malformed"])) == Counter(planted[1].findings)


def test_good_rows_are_those_of_a_clean_import_row_for_row(workspaces: Any) -> None:
    for table in TABLES:
        assert differences(workspaces["malformed"], workspaces["good"], table) == (0, 0)
    assert findings_of(workspaces["good"]) == []


def test_good_rows_know_their_physical_line(planted: tuple[Path, Truth], workspaces: Any) -> None:
    for table, (_, key, _) in TABLES.items():
        expected = {where: line for name, where, line in planted[1].good if name == table}
        assert lines_of(workspaces["malformed"], table, key) == expected
