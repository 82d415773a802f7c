from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest

from tenure.kernel import points
from tenure.kernel.points import arm, point


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    arm(None)


def test_a_point_does_nothing_until_a_test_arms_it() -> None:
    point("lake.before_commit")


def test_an_armed_point_tells_its_name() -> None:
    passed: list[str] = []
    arm(passed.append)

    point("import.claimed")
    arm(None)
    point("import.parsed")

    assert passed == ["import.claimed"]


def test_no_variable_of_the_shipped_program_arms_a_point(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENURE_POINT", "import.claimed")
    monkeypatch.setenv("TENURE_CRASH", "1")

    assert importlib.reload(points)._probe is None
    assert not hasattr(points, "os")
