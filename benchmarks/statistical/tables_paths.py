"""The tables of trajectories (W9) and lead time (W10), beside their targets."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from benchmarks.statistical.worlds_paths import KINDS, w9, w10

from tenure.kernel.unknown import Unknown
from tenure.signals.alerts import alerts, episodes, judged, leads
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


def patience(runs: int, first_stream: int) -> str:
    """2 of 3 readings below the line against smoothed change of the account's own level, at equal and at a quarter burden."""
    lines = [
        f"W10, 60 churns, {runs} runs from stream {first_stream}: alerts per 100 accounts and month, median lead, warned >= 60 d, never warned"
    ]
    for onset in (28, 63, 91):
        rows: dict[str, list[tuple[float, ...]]] = {}
        for run in range(runs):
            values, exits = w10(first_stream + run, onset, 60)
            known = ~np.isnan(values)
            plain = alerts(values, Line(35, "<"))
            rows.setdefault("2 of 3 below 35", []).append(_told(plain, known, exits))
            for name, statistic in _own_changes(values).items():
                for share in (1.0, 0.25):
                    found = _at_burden(statistic, known, share * _burden(plain, known))
                    rows.setdefault(f"{name}, {share:.0%} of its alerts", []).append(
                        _told(found, known, exits)
                    )
        for name, told in rows.items():
            burden, lead, sixty, never = np.mean(told, axis=0)
            lines.append(
                f"onset {onset}  {name:32} {burden:4.1f}  {lead:3.0f} d  {sixty:.2f}  {never:.2f}"
            )
    return "\n".join(lines)


def _own_changes(values: np.ndarray) -> dict[str, np.ndarray]:
    """Per week a number that is small where the account runs below its own median of 26 weeks, three weeks before."""
    change = np.zeros(values.shape)
    for week in range(16, values.shape[1]):
        before = values[:, max(0, week - 29) : week - 3]
        usual = np.median(np.where(np.isnan(before), 0, before), axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            change[:, week] = np.clip(np.log(values[:, week] / usual), -1.2, 1.2)
    change = np.nan_to_num(change)
    mean, cusum = np.zeros(values.shape), np.zeros(values.shape)
    for week in range(1, values.shape[1]):
        mean[:, week] = 0.8 * mean[:, week - 1] + 0.2 * change[:, week]
        cusum[:, week] = np.clip(cusum[:, week - 1] - change[:, week] - 0.2, 0, 2)
    return {"weighted mean": mean, "CUSUM": -cusum}


def _at_burden(statistic: np.ndarray, known: np.ndarray, burden: float) -> np.ndarray:
    low, high = -2.0, -0.02
    for _ in range(14):
        middle = (low + high) / 2
        if _burden((statistic < middle) & known, known) > burden:
            high = middle
        else:
            low = middle
    return (statistic < low) & known


def _burden(alert: np.ndarray, known: np.ndarray) -> float:
    return 100 * len(episodes(alert)) / (known.sum() * 7 / 30.4375)


def _told(alert: np.ndarray, known: np.ndarray, exits: np.ndarray) -> tuple[float, ...]:
    gone = exits < 10**6
    days = 7 * leads(alert[gone], known[gone], exits[gone], back=26)
    return (
        _burden(alert, known),
        float(np.median(days)),
        float((days >= 60).mean()),
        float((days == 0).mean()),
    )


TABLES: dict[str, Callable[[int, int], str]] = {
    "trajectories": trajectories,
    "leadtime": leadtime,
    "patience": patience,
}
