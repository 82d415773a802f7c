"""What tests of flags share: a company whose health falls, made once and copied for each test."""

from __future__ import annotations

from pathlib import Path

import pytest
from falling_company import NOW, made, own_copy

from tenure import Workspace


@pytest.fixture(scope="session")
def falling(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company's facts, and no history yet. Copy it; do not work in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TENURE_NOW", NOW)
        return made(tmp_path_factory.mktemp("falling") / "facts", history=False)


@pytest.fixture(scope="session")
def falling_kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with its history kept, week by week."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TENURE_NOW", NOW)
        return made(tmp_path_factory.mktemp("falling") / "kept", history=True)


@pytest.fixture
def ws(falling: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A copy of the company of one's own, on the day after its last facts."""
    monkeypatch.setenv("TENURE_NOW", NOW)
    return own_copy(falling, tmp_path / "w")


@pytest.fixture
def kept_ws(falling_kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The same with its history kept."""
    monkeypatch.setenv("TENURE_NOW", NOW)
    return own_copy(falling_kept, tmp_path / "w")
