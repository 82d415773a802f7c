"""Worlds of 250 accounts, simulated, imported and asked: what was planted is found, and what was not is not.

One company is compared with what chance made of it (`realised`), a world's several companies with what was planted.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from tenure import Workspace
from tenure.insights.coverage_result import CoverageDelta
from tenure.simulate import simulate

SEEDS = (1, 2, 3, 4)
SIZE: dict[str, Any] = {"accounts": 250, "months": 30, "users_per_account": 1, "active_days": 1}
FAR = 2.6
"""Standard errors that chance passes once in a hundred times."""
LEARNED_FROM = ["health_score", "usage_trend"]

pytestmark = [pytest.mark.night, pytest.mark.timeout(3600)]


@dataclass
class Asked:
    """A company in a workspace, its truth, and its coverage comparison in points."""

    truth: dict[str, Any]
    ws: Workspace

    @property
    def planted(self) -> float:
        """Points by which a kept cadence raises the renewal rate."""
        return 100 * float(self.truth["planted"]["coverage_effect"])

    @cached_property
    def delta(self) -> CoverageDelta:
        found = self.ws.coverage_delta()
        assert found.refused is None, found.says
        return found

    @property
    def raw(self) -> float:
        return 100 * self.delta.raw.estimate

    @property
    def adjusted(self) -> float:
        return 100 * self.delta.adjusted.estimate

    @property
    def error(self) -> float:
        """Standard error of the adjusted difference."""
        return 100 * (self.delta.adjusted.high - self.delta.adjusted.low) / 3.92

    @property
    def holds_what_happened(self) -> bool:
        """Whether the adjusted interval holds the difference within health zones that the files hold."""
        happened = self.truth["realised"]["coverage_delta"]["within_zones"]
        return self.delta.adjusted.low <= happened <= self.delta.adjusted.high

    def flagged(self) -> set[str]:
        """Metrics of which the learner says that they tell who leaves."""
        return {one.metric.name for one in self.ws.learn_thresholds(LEARNED_FROM) if one.may_flag}


Worlds = Callable[[str], list[Asked]]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    kept: dict[str, list[Asked]] = {}

    def asked(name: str) -> list[Asked]:
        if name not in kept:
            kept[name] = [imported(tmp_path_factory.mktemp(name), name, seed) for seed in SEEDS]
        return kept[name]

    return asked


def imported(folder: Path, world: str, seed: int) -> Asked:
    simulate(folder / "exports", world=world, seed=seed, **SIZE)
    truth = json.loads((folder / "exports" / "truth.json").read_text("utf-8"))
    ws = Workspace.create(folder / "w")
    ws.import_folder(folder / "exports", **truth.get("import_with", {}))
    settings = folder / "w" / "tenure.toml"
    trusted = "\n[sources.exports]\nbackfill_trusted = true\n"
    settings.write_text(settings.read_text("utf-8") + trusted, "utf-8")
    return Asked(truth, Workspace.open(folder / "w"))


def away(found: list[Asked], points: float) -> float:
    """How far the mean of the adjusted differences lies above a value, in standard errors of that mean."""
    error = (sum(one.error**2 for one in found) ** 0.5) / len(found)
    return (mean(one.adjusted for one in found) - points) / error


def test_a_planted_effect_is_found_with_its_size(worlds: Worlds) -> None:
    found = worlds("effect")
    assert {one.planted for one in found} == {12}
    assert sum(one.holds_what_happened for one in found) >= len(found) - 1
    assert away(found, 0) > FAR
    assert abs(away(found, 12)) < FAR
    assert "health_score" in found[0].flagged()


def test_where_nothing_was_planted_nothing_is_found(worlds: Worlds) -> None:
    found = worlds("no-effect")
    assert {one.planted for one in found} == {0}
    assert sum(one.holds_what_happened for one in found) >= len(found) - 1
    assert sum(one.delta.adjusted.low <= 0 <= one.delta.adjusted.high for one in found) >= 3
    assert abs(away(found, 0)) < FAR
    assert found[0].flagged() == set()


def test_what_health_explains_is_mostly_gone_among_accounts_alike(worlds: Worlds) -> None:
    """The plain difference is large and wrong; among accounts of the same health little is left to claim."""
    found = worlds("confounded")
    assert {one.planted for one in found} == {0}
    assert sum(one.delta.raw.low > 0 for one in found) >= len(found) - 1
    assert mean(one.adjusted for one in found) < mean(one.raw for one in found) / 2
    assert sum(one.delta.adjusted.low <= 0 <= one.delta.adjusted.high for one in found) >= 3
    assert all("health" in one.delta.says for one in found), "the confounder is named"
    assert "health_score" in found[0].flagged()


def test_sick_exports_lead_to_the_answers_of_clean_ones(worlds: Worlds) -> None:
    """They are the companies of `effect` with the same chance, so what is asked here is whether the mess matters."""
    sick, clean = worlds("messy"), worlds("effect")
    assert {one.planted for one in sick} == {12}
    assert away(sick, 0) > FAR
    assert sum(one.holds_what_happened for one in sick) >= len(sick) - 1
    apart = [one.adjusted - other.adjusted for one, other in zip(sick, clean, strict=True)]
    assert max(map(abs, apart)) < 2 * max(one.error for one in clean)
    assert abs(mean(apart)) < 3
    assert "health_score" in sick[0].flagged()
