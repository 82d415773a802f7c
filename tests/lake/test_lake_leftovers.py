"""What a killed import leaves in the spill folder is taken away by a later one, once nobody can need it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tenure.kernel import clock
from tenure.lake import intake
from tenure.lake.lake import Lake


@pytest.mark.parametrize(("hours", "stays"), [(1, True), (25, False)])
def test_a_file_written_out_to_be_read_is_swept_a_day_later(
    tmp_path: Path, hours: int, stays: bool
) -> None:
    lake = Lake.create(tmp_path / "ws")
    left = lake.spill / "lines-abc"
    left.mkdir()
    (left / "lines.txt").write_text("a,b\n")
    then = clock.now().timestamp() - hours * 3600
    os.utime(left, (then, then))
    intake.sweep(lake)
    assert left.exists() is stays
