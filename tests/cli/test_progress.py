"""A bar for what takes long, nothing for what is quick or not watched."""

from __future__ import annotations

import sys

import pytest

from tenure.cli import progress
from tenure.cli.progress import Bar


def test_nothing_is_shown_where_nobody_watches(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", 0.0)
    with Bar("importing") as bar:
        bar("read", 0.5)
        assert not bar._timer.is_alive()

    assert capsys.readouterr().err == ""


def test_a_bar_appears_by_itself_when_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", 0.01)
    with Bar("importing") as bar:
        bar("read", 0.25)
        bar._timer.join(30)  # the bar comes without any further news
        assert bar._bar is not None
        bar("commit", 0.5)
        assert bar._bar.tasks[0].completed == 0.5


def test_what_is_quick_shows_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", 600.0)
    with Bar("importing") as bar:
        bar("read", 0.5)
        assert bar._bar is None


def test_patience_is_two_seconds() -> None:
    assert progress.PATIENCE_SECONDS == 2.0
