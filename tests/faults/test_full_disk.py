"""A full disk: one sentence, the previous snapshot stays readable, and the waiting work finishes by itself."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cases import FIRST, SECOND, written
from survival import check, engine_state

from nightly import examples
from tenure.facts.given import Given, from_file
from tenure.kernel import points
from tenure.kernel.errors import LakeError
from tenure.lake import commit
from tenure.lake.imports import run_import
from tenure.lake.lake import Lake


def given(folder: Path) -> list[Given]:
    return [from_file(path, table=path.stem) for path in sorted(folder.iterdir())]


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    points.arm(None)


def commits_of_an_import(lake: Lake, second: list[Given]) -> int:
    seen = []
    points.arm(lambda name: seen.append(name))
    run_import(lake, second)
    points.arm(None)
    return seen.count("lake.before_commit")


def test_a_disk_that_fills_at_any_commit_is_said_in_one_sentence_and_the_work_is_finished_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = Lake.create(tmp_path / "base")
    run_import(base, given(written(tmp_path / "first", FIRST)))
    second = given(written(tmp_path / "second", SECOND))
    before = engine_state(base.folder)
    whole = Lake.open(shutil.copytree(base.folder, tmp_path / "whole"))
    count = commits_of_an_import(whole, second)
    assert count >= 6
    after = engine_state(whole.folder)
    real = commit.write_deltalake
    for full_at in range(1, count + 1, examples(3, night=1)):  # every third by day
        lake = Lake.open(shutil.copytree(base.folder, tmp_path / f"w{full_at}"))
        calls = 0

        def full(*args: Any, full_at: int = full_at, **how: Any) -> None:
            nonlocal calls
            calls += 1
            if calls >= full_at:
                raise OSError(28, "No space left on device")
            real(*args, **how)

        monkeypatch.setattr(commit, "write_deltalake", full)
        with pytest.raises(LakeError, match="no space left on the disk that holds") as refused:
            run_import(lake, second)
        assert refused.value.exit_code == 4
        assert str(lake.folder) in refused.value.what
        monkeypatch.setattr(commit, "write_deltalake", real)
        assert engine_state(lake.folder) in (before, after)
        run_import(lake, second)
        check(lake.folder)
        assert engine_state(lake.folder) == after


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A memory file system of 3 MB; needs the right to mount."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)],
        check=False,
        capture_output=True,
    )
    if made.returncode:
        pytest.skip("this machine does not let a test mount a file system")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.night
def test_a_real_full_disk_is_survived_and_grown(small_disk: Path, tmp_path: Path) -> None:
    lake = Lake.create(small_disk / "w")
    run_import(lake, given(written(tmp_path / "first", FIRST)), reserve_mb=0)
    before = engine_state(lake.folder)
    # numbers that do not shrink: about 4 MB of text become more than the disk holds
    lines = [
        "account_id,name",
        *(
            f"b{i},{i * 7919 % 99991:x}{i * 104729 % 999983:x}{i * 15485863 % 9999991:x}"
            for i in range(60000)
        ),
    ]
    large = given(written(tmp_path / "large", {"accounts.csv": lines}))
    with pytest.raises(LakeError, match="no space left on the disk"):
        run_import(lake, large, reserve_mb=0)
    assert engine_state(lake.folder) == before
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    assert run_import(lake, large, reserve_mb=0).loaded == 60000
    check(lake.folder)
