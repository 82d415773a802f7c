"""A bar for what takes long, nothing for what is quick or not watched."""

from __future__ import annotations

import sys

import pytest

from tenure.cli.progress import PATIENCE_SECONDS, Bar


def test_nothing_is_shown_where_nobody_watches(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TENURE_NOW", "2026-01-01T00:00:00")
    with Bar("importing") as bar:
        monkeypatch.setenv("TENURE_NOW", "2026-01-01T01:00:00")
        bar("read", 0.5)

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("seconds", "is_shown"), [(1, False), (int(PATIENCE_SECONDS) + 1, True)])
def test_a_bar_appears_after_two_seconds_on_a_terminal(
    seconds: int, is_shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TENURE_NOW", "2026-01-01T00:00:00")
    with Bar("importing") as bar:
        monkeypatch.setenv("TENURE_NOW", f"2026-01-01T00:00:0{seconds}")
        bar("read", 0.5)
        assert (bar._bar is not None) is is_shown
