from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tenure.kernel import clock


def test_the_clock_can_be_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENURE_NOW", "2026-03-31T23:30:00+02:00")

    assert clock.now() == datetime(2026, 3, 31, 21, 30, tzinfo=UTC)


def test_a_held_time_without_an_offset_is_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENURE_NOW", "2026-03-31T23:30:00")

    assert clock.now() == datetime(2026, 3, 31, 23, 30, tzinfo=UTC)


def test_the_clock_not_held_goes_on_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TENURE_NOW", raising=False)

    before = clock.now()

    assert before.tzinfo is UTC
    assert clock.now() >= before


def test_today_is_the_civil_day_of_the_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENURE_NOW", "2026-03-31T23:30:00+00:00")

    assert clock.today("UTC") == date(2026, 3, 31)
    assert clock.today("Europe/Berlin") == date(2026, 4, 1)
    assert clock.today("America/New_York") == date(2026, 3, 31)
