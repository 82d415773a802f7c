from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "faults"))

from deliveries import DECLARED  # noqa: E402 - the folder must be on the path first

from tenure.lake.lake import Lake  # noqa: E402


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "Client files", declared=DECLARED)
