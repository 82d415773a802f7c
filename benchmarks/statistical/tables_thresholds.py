"""Recovery of thresholds in W1 to W5, and the hold-out in W1 to W4."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from benchmarks.statistical import worlds
from benchmarks.statistical.printing import beside, markdown, middle, share
from benchmarks.statistical.worlds import World

from tenure.signals import Config, learn_thresholds
from tenure.signals.thresholds.learned import Learned

CONFIG = Config(permutations=499, bootstrap_cut=200, bootstrap_second=199)
TOLERANCE = 0.5


@dataclass(frozen=True)
class Target:
    """A row of the design's table: found, right shape, cover and width of either line, cover of the rate."""

    world: str
    rows: int
    found: float
    shape: float
    at: tuple[float, float]
    rate: float
    well: tuple[float, float] | None = None
    rounded: float | None = None


TARGETS = [
    Target("w1", 150, 1.00, 0.42, (0.95, 9.0), 0.93, (0.92, 17.2), 0.58),
    Target("w1", 400, 1.00, 0.75, (0.98, 5.2), 0.95, (0.97, 8.4), 0.72),
    Target("w1", 1500, 1.00, 1.00, (0.99, 3.2), 0.96, (0.97, 2.9), 0.84),
    Target("w2", 400, 0.98, 0.11, (1.00, 9.9), 0.95, (0.90, 23.1)),
    Target("w2", 1000, 1.00, 0.43, (0.98, 6.3), 0.95, (0.98, 11.7)),
    Target("w2", 4000, 1.00, 0.96, (0.99, 5.2), 0.95, (0.98, 3.6)),
    Target("w3", 200, 0.98, 0.93, (0.98, 10), 0.95, None, 0.59),
    Target("w3", 600, 1.00, 0.95, (0.98, 4), 0.94, None, 0.80),
    Target("w3", 2000, 1.00, 0.98, (0.99, 3), 0.94, None, 0.93),
    Target("w4", 200, 0.76, 0.93, (0.96, 24), 0.85),
    Target("w4", 300, 0.88, 0.92, (0.98, 19), 0.89),
    Target("w4", 1000, 1.00, 0.91, (0.97, 5), 0.93),
    Target("w4", 4000, 1.00, 0.93, (0.97, 3), 0.91),
    Target("w5", 400, 0.99, 0.72, (0.94, 8.7), 0.92, (0.98, 16.7)),
    Target("w5", 1500, 1.00, 0.99, (0.95, 4.5), 0.98, (0.97, 8.3)),
    Target("w5", 5000, 1.00, 1.00, (0.98, 2.4), 0.94, (0.96, 4.5)),
]
SHAPES = {"w1": "two_step", "w2": "two_step", "w3": "step", "w4": "step", "w5": "gradual"}
ROUND = {"w1": 20.0, "w3": 30.0}


@dataclass
class Seen:
    """What the runs of a row gave."""

    events: list[int] = field(default_factory=list)
    found: list[bool] = field(default_factory=list)
    turned: list[bool] = field(default_factory=list)
    shapes: list[str] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    at_covers: list[bool] = field(default_factory=list)
    at_width: list[float] = field(default_factory=list)
    well: list[float] = field(default_factory=list)
    well_covers: list[bool] = field(default_factory=list)
    well_width: list[float] = field(default_factory=list)
    rate: list[bool] = field(default_factory=list)
    unseen: list[bool] = field(default_factory=list)
    rounded: list[bool] = field(default_factory=list)


def learned(world: World, stream: int, config: Config = CONFIG) -> Learned:
    """The one metric of a world."""
    run = learn_thresholds(
        world.table, label="churned", metrics=world.metrics, config=config, stream=stream
    )
    return run["x"]


def thresholds(runs: int, stream: int) -> str:
    """The table of section 16.2: measured, with the target in brackets."""
    header = ["world", "rows, churns", "found", "right shape", "shapes", "at-risk line", "cover", "width",
              "healthy line", "cover", "width", "rate covers", "rate less optimism covers", "exactly round"]  # fmt: skip
    rows = []
    for target in TARGETS:
        seen = Seen()
        for one in range(stream, stream + runs):
            made: Callable[[int, int], World] = getattr(worlds, target.world)
            _look(seen, made(one, target.rows), target, one)
        rows.append(_row(seen, target))
    return markdown(header, rows)


def _look(seen: Seen, world: World, target: Target, stream: int) -> None:
    result = learned(world, stream)
    seen.events.append(world.events)
    seen.found.append(result.status in ("accepted", "provisional"))
    if not seen.found[-1]:
        return
    seen.turned.append((result.direction == "low") == world.low_is_risk)
    seen.shapes.append(result.shape)
    flagged = result.flags(np.array(world.table["x"]))
    truth = float(world.risk[flagged].mean())
    if result.zones is not None:
        rate = result.zones.at_risk.rate
        seen.rate.append(rate.low <= truth <= rate.high)
        near = result.rate_unseen if result.shape != "gradual" else rate
        seen.unseen.append(near.low <= truth <= near.high)
    if result.shape != SHAPES[target.world]:
        return
    cut, width = result.at, result.at.high - result.at.low
    seen.at.append(cut.estimate)
    seen.at_covers.append(cut.low - TOLERANCE <= world.cuts[0] <= cut.high + TOLERANCE)
    seen.at_width.append(width)
    if target.world in ROUND:
        seen.rounded.append(result.at_risk.lines[0].value == ROUND[target.world])
    if target.well is not None and not np.isnan(result.well.estimate):
        well = result.well
        seen.well.append(well.estimate)
        seen.well_covers.append(well.low - TOLERANCE <= world.cuts[1] <= well.high + TOLERANCE)
        seen.well_width.append(well.high - well.low)


def _width(values: list[float], target: float) -> str:
    return f"{np.median(values):.1f} ({target:g})" if values else f"– ({target:g})"


def _row(seen: Seen, target: Target) -> list[str]:
    kinds = {kind: seen.shapes.count(kind) for kind in sorted(set(seen.shapes))}
    right = [kind == SHAPES[target.world] for kind in seen.shapes]
    well = ["", "", ""]
    if target.well is not None:
        well = [middle(seen.well), beside(seen.well_covers, target.well[0]),
                _width(seen.well_width, target.well[1])]  # fmt: skip
    turned = "" if all(seen.turned) else f", turned wrongly {seen.turned.count(False)}"
    return [
        target.world.upper(), f"{target.rows}, {np.mean(seen.events):.0f}",
        beside(seen.found, target.found) + turned, beside(right, target.shape),
        ", ".join(f"{kind} {many}" for kind, many in kinds.items()),
        middle(seen.at), beside(seen.at_covers, target.at[0]), _width(seen.at_width, target.at[1]),
        *well, beside(seen.rate, target.rate), share(seen.unseen),
        "" if target.rounded is None else beside(seen.rounded, target.rounded),
    ]  # fmt: skip


HELD = [("w4", 200, 0.05), ("w4", 300, 0.28), ("w4", 1000, 0.93), ("w3", 200, 0.50), ("w3", 600, 0.95),
        ("w2", 400, 0.50), ("w2", 1000, 0.83), ("w1", 150, 0.68), ("w1", 400, 1.00)]  # fmt: skip


def held_out(runs: int, stream: int) -> str:
    """The hold-out in the same worlds, 70 % learned, 30 % tested: `holds`, and the excess of either rate."""
    rows = []
    for name, many, target in HELD:
        holds, decayed, excess, later = [], [], [], []
        for one in range(stream, stream + runs):
            world = getattr(worlds, name)(one, many, later=0.3)
            result = learned(world, one)
            held = result.holdout
            verdict = None if held is None else held.verdict
            holds.append(verdict is not None and verdict.word == "holds")
            decayed.append(verdict is not None and verdict.word == "decayed")
            if held is None or held.fit is None or verdict is None or not verdict.counted.n1:
                continue
            values, happened = np.array(world.table["x"]), np.array(world.table["churned"])
            early = np.arange(many) < round(many * 0.7)
            flagged = held.fit.at_risk.holds(values)
            truth = world.risk[flagged].mean()
            excess.append(happened[flagged & early].mean() - truth)
            later.append(verdict.counted.k1 / verdict.counted.n1 - truth)
        rows.append([name.upper(), str(many), beside(holds, target), share(decayed),
                     f"{np.mean(excess):+.3f}" if excess else "–", f"{np.mean(later):+.3f}" if later else "–"])  # fmt: skip
    return markdown(["world", "rows", "holds", "decayed", "excess in sample", "excess later"], rows)


TABLES = {"thresholds": thresholds, "holdout": held_out}
