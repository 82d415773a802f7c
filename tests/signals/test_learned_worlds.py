"""Worlds with a known truth, a few runs each on fixed streams; the whole tables are printed by `benchmarks.statistical`."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.statistical import worlds  # noqa: E402
from benchmarks.statistical.__main__ import tables  # noqa: E402
from benchmarks.statistical.tables_leak import panels  # noqa: E402

from tenure.signals import Config, learn_thresholds  # noqa: E402
from tenure.signals.leak import knowledge_leaks  # noqa: E402
from tenure.signals.thresholds.metric import Metric  # noqa: E402

QUICK = Config(permutations=199, bootstrap_cut=100, bootstrap_second=99)


def run(world: worlds.World, stream: int, **more: Any) -> Any:
    return learn_thresholds(
        world.table, label="churned", metrics=world.metrics, config=QUICK, stream=stream, **more
    )


@pytest.mark.parametrize(
    ("name", "rows", "shape", "tolerance"),
    [("w1", 1500, "two_step", 3.0), ("w2", 4000, "two_step", 4.0), ("w3", 600, "step", 5.0),
     ("w4", 4000, "step", 3.0), ("w5", 1500, "gradual", 4.0)],
)  # fmt: skip
def test_the_true_line_is_found_with_its_shape_and_covered(
    name: str, rows: int, shape: str, tolerance: float
) -> None:
    right = covered = 0
    for stream in range(6):
        world = getattr(worlds, name)(stream, rows)
        found = run(world, stream)["x"]
        assert found.status == "accepted"
        assert (found.direction == "low") == world.low_is_risk
        if found.shape == shape:
            right += 1
            assert found.at.estimate == pytest.approx(world.cuts[0], abs=tolerance)
            covered += found.at.low - 0.5 <= world.cuts[0] <= found.at.high + 0.5

    assert right >= 4
    assert covered >= right - 1


def test_forty_metrics_of_noise_raise_hardly_a_flag_and_real_ones_are_found() -> None:
    wrong = 0
    for stream in range(3):
        found = run(worlds.w6(stream, 500), stream, segment="segment")
        wrong += sum(one.may_flag for one in found)
    real = run(worlds.w6(1, 2000, real=4), 1, segment="segment")

    assert wrong <= 2
    assert sum(real[f"real_{i}"].may_flag for i in range(4)) >= 3


def test_the_cause_is_never_called_the_proxy_of_its_shadow() -> None:
    for stream in range(3):
        found = run(worlds.w7(stream, 2500, 0.9), stream, segment="segment")

        assert found["cause"].status == "accepted"
        assert found["shadow"].status in ("proxy", "weak_signal")
        assert not found["segment_only"].may_flag


def test_a_metric_rewritten_after_the_exit_is_taken_by_the_naive_panel_only_and_is_told() -> None:
    for stream in range(2):
        table = panels(worlds.w8(stream))
        words = {
            name: learn_thresholds(table, label="churned", metrics=[name], config=QUICK)[name]
            for name in ("naive", "known")
        }
        x = [np.array(table[name])[:, None] for name in ("naive", "known")]

        assert words["naive"].status == "accepted"
        assert words["known"].status in ("no_separation", "weak_signal")
        assert knowledge_leaks([Metric("x")], *x, np.array(table["churned"]) == 1)


def test_worlds_know_nothing_of_how_they_are_looked_at() -> None:
    for file in (ROOT / "benchmarks" / "statistical").glob("worlds*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            named = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            named += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in named if name.startswith("tenure")], file.name


def test_every_module_of_tables_is_offered_by_name() -> None:
    assert {"thresholds", "holdout", "noise", "screens", "leak"} <= set(tables())


def test_the_same_stream_makes_the_same_world() -> None:
    assert worlds.w7(3, 200, 0.5).table == worlds.w7(3, 200, 0.5).table
    assert worlds.w7(3, 200, 0.5).table != worlds.w7(4, 200, 0.5).table


def test_signals_load_numpy_only_when_they_are_used() -> None:
    probe = "import sys, tenure, tenure.signals; sys.exit('numpy' in sys.modules)"

    assert (
        subprocess.run([sys.executable, "-c", probe], check=False, cwd=ROOT / "src").returncode == 0
    )
