"""Between two makings of rows a server rests, so that pages have the processors: long after long ones, and never for long."""

from __future__ import annotations

import time

import pytest

from tenure.desk import home as place
from tenure.desk.home import Home


@pytest.fixture
def serving(served: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    own = Home(served.folder, makes_apart=True)
    own._shown = served.present()
    monkeypatch.setattr(own, "_publish", lambda: None)
    return own


def rest_after(own: Home, seconds: float, monkeypatch: pytest.MonkeyPatch) -> float:
    """Seconds until rows may be made again, after a making that took so long."""
    clock = iter([100.0, 100.0 + seconds])
    monkeypatch.setattr(own, "_renewed", lambda: None)
    with monkeypatch.context() as patch:
        patch.setattr(place.time, "monotonic", lambda: next(clock))
        own._renew()
    return own._not_before - (100.0 + seconds)


@pytest.mark.parametrize(("took", "rest"), [(0.3, 0.9), (4.0, 12.0), (10.0, 15.0), (60.0, 15.0)])
def test_a_server_rests_three_times_as_long_as_it_made_and_never_longer_than_a_quarter_of_a_minute(
    took: float, rest: float, serving: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rest_after(serving, took, monkeypatch) == pytest.approx(rest)


def test_what_could_not_be_sent_waits_its_longer_pause(
    serving: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving._not_before = 100.0 + 1.0 + place.PAUSE

    assert rest_after(serving, 1.0, monkeypatch) == pytest.approx(place.PAUSE)


def test_while_it_rests_newer_rows_are_not_begun_and_afterwards_they_are(
    serving: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[float] = []
    monkeypatch.setattr(serving, "_renew", lambda: made.append(time.monotonic()))

    serving._not_before = time.monotonic() + 60
    serving._make_beside()
    assert not made
    serving._not_before = 0.0
    serving._make_beside()
    serving._maker.join(10)
    assert len(made) == 1


def test_without_many_who_read_there_is_no_rest(
    served: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Home(served.folder)
    monkeypatch.setattr(own, "_publish", lambda: None)
    monkeypatch.setattr(own, "_renewed", lambda: None)

    own._renew()

    assert own._not_before == 0.0
