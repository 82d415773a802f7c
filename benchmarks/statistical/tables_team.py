"""Tables of coverage against renewal, books, input drift and caseload, beside the targets of the specification."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from benchmarks.statistical.worlds_team import (
    books_world,
    caseload_world,
    coverage_world,
    moved_values,
)

from tenure.insights import caseload_line, coverage_delta, csm_funnel
from tenure.insights.limits import ONE_SIDED, dispersion, limits, shape, shrunken
from tenure.signals.drift import input_drift

SIZES = (200, 400, 1_000, 2_000)
RAW = {
    0.0: (0.08, (0.75, 0.56, 0.18, 0.01)),
    0.05: (0.13, (0.76, 0.52, 0.16, 0.01)),
    0.1: (0.18, (0.75, 0.56, 0.15, 0.01)),
}
ADJUSTED = {
    0.0: (0.95, 0.95, 0.96, 0.95),
    0.05: (0.94, 0.94, 0.96, 0.96),
    0.1: (0.95, 0.96, 0.95, 0.96),
}
ABOVE = {
    0.0: (0.02, 0.02, 0.02, 0.03),
    0.05: (0.14, 0.19, 0.42, 0.71),
    0.1: (0.38, 0.58, 0.94, 1.00),
}
WIDTHS = (0.25, 0.18, 0.11, 0.08)
BOOK_SIZES = (3, 5, 8, 12, 20)
PLANTED = {
    2.0: (0.04, 0.13, 0.23, 0.39, 0.71),
    2.5: (0.12, 0.31, 0.57, 0.79, 0.97),
    4.0: (0.62, 0.92, 0.98, 1.00, 1.00),
}
ANY_FLAG = {0.0: (0.012, 0.009), 0.05: (0.054, 0.033), 0.15: (0.189, 0.068)}
DRIFT_SIZES = ((100, 100), (200, 200), (300, 500), (1_000, 1_000))
HALF_SHIFT = (0.23, 0.68, 0.98, 1.00)


def coverage(runs: int, first: int) -> str:
    """W15, through the public door: means, shares of intervals that hold the truth, widths."""
    lines = [
        "W15 coverage against renewal; (target) after each figure",
        f"{'truth':>6} {'rows':>6} {'raw':>12} {'holds truth':>14} {'adjusted':>12} {'holds truth':>14} {'low > 0':>14} {'width':>12} {'refused':>8}",
    ]
    for truth in RAW:
        for place, size in enumerate(SIZES):
            found = [_compared(number, size, truth) for number in range(first, first + runs)]
            known = [f for f in found if f is not None]
            raw, adjusted = (np.array([f[i] for f in known]) for i in (0, 1))
            lines.append(
                f"{truth:6.2f} {size:6d} "
                f"{_cell(raw[:, 0].mean(), RAW[truth][0])} {_cell(_holds(raw, truth), RAW[truth][1][place], 14)} "
                f"{_cell(adjusted[:, 0].mean(), truth)} {_cell(_holds(adjusted, truth), ADJUSTED[truth][place], 14)} "
                f"{_cell((adjusted[:, 1] > 0).mean(), ABOVE[truth][place], 14)} "
                f"{_cell((adjusted[:, 2] - adjusted[:, 1]).mean(), WIDTHS[place])} {len(found) - len(known):8d}"
            )
    return "\n".join(lines)


def _compared(number: int, size: int, truth: float) -> tuple[list[float], list[float]] | None:
    world = coverage_world(number, size, truth)
    frame = {
        "renewed": world.renewed.tolist(),
        "covered": world.covered.tolist(),
        "segment": [f"s{s}" for s in world.stratum],
    }
    found = coverage_delta(frame, renewed="renewed", covered="covered", segment="segment")
    if found.refused is not None:
        return None
    return tuple([i.estimate, i.low, i.high] for i in (found.raw, found.adjusted))  # type: ignore[return-value]  # two of them


def _holds(intervals: np.ndarray, truth: float) -> float:
    return float(((intervals[:, 1] <= truth) & (truth <= intervals[:, 2])).mean())


def books(runs: int, first: int) -> str:
    """W16: false flags of ordinary books, and how often a planted one is seen."""
    lines = ["W16 any false flag among 20 books: exact (target), with dispersion factor (target)"]
    for variance, targets in ANY_FLAG.items():
        found = [_flagged(number, variance) for number in range(first, first + runs)]
        exact, factor = (float(np.mean([f[i] for f in found])) for i in (0, 1))
        lines.append(
            f"  variance {variance:4.2f}: {_cell(exact, targets[0], 16, 3)} {_cell(factor, targets[1], 16, 3)}"
        )
    lines.append(
        "Planted book noticed, with the factor (target), at E = " + " / ".join(map(str, BOOK_SIZES))
    )
    for ratio, targets in PLANTED.items():
        cells = [
            _cell(
                np.mean([_noticed(n, (float(e), ratio)) for n in range(first, first + runs)]),
                target,
            )
            for e, target in zip(BOOK_SIZES, targets, strict=True)
        ]
        lines.append(f"  x {ratio:3.1f}: " + " ".join(cells))
    lines.append(
        "Shrunken ratios of identical books (target: .99-1.01 in the median run, .68-1.40 in 90 % of runs)"
    )
    ends = np.array([_extremes(n) for n in range(first, first + runs)])
    low, high = np.median(ends, axis=0)
    lines.append(
        f"  median run {low:.2f} to {high:.2f}; 90 % of runs within {np.quantile(ends[:, 0], 0.05):.2f} to {np.quantile(ends[:, 1], 0.95):.2f}"
    )
    return "\n".join([*lines, _through_the_door(min(runs, 100), first)])


def _outside(observed: float, expected: float, phi: float) -> bool:
    own = limits(float(expected), phi, ONE_SIDED["99.8"])
    return expected >= 3 and not own.low <= observed <= own.high


def _flagged(number: int, variance: float) -> tuple[bool, bool]:
    world = books_world(number, variance=variance)
    phi = dispersion(world.observed.astype(float), world.expected)
    pairs = list(zip(world.observed, world.expected, strict=True))
    return any(_outside(o, e, 1.0) for o, e in pairs), any(_outside(o, e, phi) for o, e in pairs)


def _noticed(number: int, planted: tuple[float, float]) -> bool:
    world = books_world(number, planted=planted)
    phi = dispersion(world.observed.astype(float), world.expected)
    return _outside(world.observed[0], world.expected[0], phi)


def _extremes(number: int) -> tuple[float, float]:
    world = books_world(number)
    observed = world.observed.astype(float)
    k = shape(observed, world.expected)
    own = [shrunken(o, e, k).estimate for o, e in zip(observed, world.expected, strict=True)]
    return min(own), max(own)


def _through_the_door(runs: int, first: int) -> str:
    """Accounts with a fitted expectation: ten books alike in all but their mix of segments."""
    flags = 0
    for number in range(first, first + runs):
        r = np.random.default_rng([number, 16])
        book = np.repeat(np.arange(10), 60)
        segment = (r.random(600) < np.linspace(0.1, 0.9, 10)[book]).astype(int)
        churned = r.random(600) < np.array([0.04, 0.14])[segment]
        frame = {
            "csm": [f"c{b}" for b in book],
            "churned": churned.tolist(),
            "segment": [f"s{s}" for s in segment],
        }
        found = csm_funnel(frame, csm="csm", churned="churned", segment="segment")
        flags += any(own.stands_out for own in found.books)
    return f"Fitted expectation, ten fair books of very different mix: any flag in {flags} of {runs} runs"


def drift(runs: int, first: int) -> str:
    """W14: how often the alarm sounds, by size and shift."""
    lines = [
        "W14 drift alarm by size and shift in standard deviations (target); the common rule PSI > .25 beside it",
        f"{'before, now':>11} {'0':>14} {'.25':>8} {'.5':>12} {'1':>8} {'common rule at 0':>18}",
    ]
    for sizes, target in zip(DRIFT_SIZES, HALF_SHIFT, strict=True):
        shares = {}
        common = 0.0
        for shift in (0.0, 0.25, 0.5, 1.0):
            found = [
                input_drift(*moved_values(number, sizes, shift))
                for number in range(first, first + runs)
            ]
            shares[shift] = float(np.mean([f.alarm for f in found]))
            if shift == 0:
                common = float(np.mean([(f.psi or 0) > 0.25 for f in found]))
        lines.append(
            f"{sizes[0]:5d} {sizes[1]:5d} {_cell(shares[0.0], 0.002, 14, 3)} {shares[0.25]:8.2f} {_cell(shares[0.5], target)} {shares[1.0]:8.2f} {common:18.2f}"
        )
    return "\n".join(lines)


def caseload(runs: int, first: int) -> str:
    """W18: error of the line and how often its interval holds the truth (there is no target yet)."""
    lines = ["W18 caseload, truth 45 accounts; no target is given"]
    for csms, months, spread in [
        (8, 6, 0.0),
        (12, 12, 0.0),
        (20, 12, 0.0),
        (12, 12, 0.3),
        (20, 12, 0.3),
        (40, 12, 0.3),
    ]:
        found = [_line(number, csms, months, spread) for number in range(first, first + runs)]
        known = np.array([f for f in found if f is not None]).reshape(-1, 3)
        told = len(known) / len(found)
        if not len(known):
            lines.append(f"  {csms} CSMs, {months} months, spread {spread}: never told")
            continue
        lines.append(
            f"  {csms:2d} CSMs, {months:2d} months, spread {spread:.1f}: told {told:.2f}, median {np.median(known[:, 0]):.1f}, "
            f"mean error {np.abs(known[:, 0] - 45).mean():.1f}, holds truth {_holds(known, 45):.2f}, "
            f"width {(known[:, 2] - known[:, 1]).mean():.1f}"
        )
    return "\n".join(lines)


def _line(number: int, csms: int, months: int, spread: float) -> list[float] | None:
    world = caseload_world(number, csms=csms, months=months, line=45, spread=spread)
    frame = {
        name: getattr(world, name).tolist() for name in ("csm", "month", "size", "due", "made")
    }
    found = caseload_line(frame)
    if found.refused is not None:
        return None
    return [found.line.estimate, found.line.low, found.line.high]


def _cell(value: float, target: float, width: int = 12, places: int = 2) -> str:
    return f"{value:.{places}f} ({target:.{places}f})".rjust(width)


TABLES: dict[str, Callable[[int, int], str]] = {
    "coverage": coverage,
    "books": books,
    "drift": drift,
    "caseload": caseload,
}
