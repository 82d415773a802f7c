"""The tables of trajectories (W9) and lead time (W10), beside their targets."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from benchmarks.statistics.worlds_paths import KINDS, w9, w10

from tenure.kernel.unknown import Unknown
from tenure.signals.alerts import judged
from tenure.signals.lines import Line
from tenure.signals.matching import matched
from tenure.signals.separation import separation
from tenure.signals.streams import stream
from tenure.signals.trajectory import classify

TRAJECTORY_TARGETS = {
    0.08: (0.99, 1.00, 0.97, 0.92, 0.79, 0.96, 1.00),
    0.15: (0.91, 0.93, 0.72, 0.91, 0.79, 0.90, 1.00),
    0.25: (0.69, 0.73, 0.41, 0.78, 0.62, 0.91, 1.00),
}
LEAD_TARGETS = {
    28: ("28 [21, 35] / 28 [28, 35] / 35 [28, 36]", "7", ".01–.02", ".32–.34"),
    63: ("63 [56, 70] / 63 [63, 70] / 70 [63, 70]", "42", ".11", ".12"),
    91: ("91 [84, 98] / 91 [91, 98] / 98 [91, 105]", "70", ".64–.67", ".11–.12"),
    None: ("0 in .90 / .98 / .92", "", "", ""),
}
CHURNS = (20, 60, 150)


def trajectories(runs: int, first_stream: int) -> str:
    """Share of 1,500 accounts per cell and run named rightly; (target)."""
    lines = [f"W9, {runs} runs from stream {first_stream}, 1,500 accounts per cell: found (target)"]
    lines.append("noise  " + "  ".join(f"{kind:>14}" for kind in KINDS))
    for noise, targets in TRAJECTORY_TARGETS.items():
        cells = []
        for place, kind in enumerate(KINDS):
            want = "declining" if kind == "step down" else kind
            words = [
                classify(w9(first_stream + run * 10 + place, kind, noise)).words()
                for run in range(runs)
            ]
            cells.append(f"{np.mean(np.array(words) == want):.3f} ({targets[place]:.2f})")
        lines.append(f"{noise:.2f}   " + "  ".join(f"{cell:>14}" for cell in cells))
    windows = np.vstack([w9(first_stream, "flat", 0.15, 50_000)] * 4)
    began = time.process_time()
    classify(windows)
    lines.append(
        f"200,000 windows: {time.process_time() - began:.1f} s of processor time (target 6.3)"
    )
    return "\n".join(lines)


def leadtime(runs: int, first_stream: int) -> str:
    """Separation lead and alerts per onset and number of churns, beside the targets."""
    lines = [
        f"W10, {runs} runs from stream {first_stream}: separation lead, median [10–90 %], by 20 / 60 / 150 churns"
    ]
    for onset, (target, alert, sixty, never) in LEAD_TARGETS.items():
        cells, zero, high, medians, warned, missed, burden = [], [], [], [], [], [], []
        for churns in CHURNS:
            found = [_one(first_stream + run, onset, churns) for run in range(runs)]
            leads = [lead for lead, _ in found]
            low, middle, top = np.percentile(leads, [10, 50, 90])
            cells.append(f"{middle:.0f} [{low:.0f}, {top:.0f}]")
            zero.append(f"{np.mean(np.array(leads) == 0):.2f}")
            high.append(max(leads))
            medians.append(f"{np.median([a.lead_days.estimate for _, a in found]):.0f}")
            warned.append(f"{np.mean([a.warned_60.estimate for _, a in found]):.2f}")
            missed.append(f"{np.mean([a.never_warned.estimate for _, a in found]):.2f}")
            burden.append(f"{np.mean([a.per_100_accounts_month for _, a in found]):.1f}")
        if onset is None:
            lines.append(
                f"no signal: lead 0 in {' / '.join(zero)} of runs, largest {max(high)} (target {target}, never above 28)"
            )
            continue
        lines.append(f"onset {onset}: {' / '.join(cells)} (target {target})")
        lines.append(
            f"    alert lead {' / '.join(medians)} ({alert}); warned >= 60 d {' / '.join(warned)} ({sixty}); never warned {' / '.join(missed)} ({never}); alerts per 100 accounts and month {' / '.join(burden)}"
        )
    return "\n".join(lines)


def _one(number: int, onset: int | None, churns: int):
    values, exits = w10(number, onset, churns)
    groups = matched(
        np.zeros(len(exits), dtype=int),
        exits,
        weeks=values.shape[1],
        clear=13,
        draw=stream(number, "controls"),
    )
    apart = separation(
        values, groups, low_is_risk=True, leads=26, draw=stream(number, "separation")
    )
    told = judged(
        values, exits, Line(35, "<"), horizon=13, patience="2 of 3", draw=stream(number, "alerts")
    )
    return (0 if isinstance(apart.lead_days, Unknown) else apart.lead_days), told


TABLES: dict[str, Callable[[int, int], str]] = {"trajectories": trajectories, "leadtime": leadtime}
