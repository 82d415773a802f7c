"""W13: the verdict on one threshold, by what became of the relation and how many events the review has (12.2)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

from benchmarks.statistical.printing import markdown

from tenure.signals.streams import stream
from tenure.signals.verdict import Counted, Learned0, verdict

EVENTS = (5, 7, 10, 15, 25, 40, 80)
LEARNED = (0.17, 0.25, 0.045)
"""Share flagged, rate among the flagged, rate among the others: when the line was learned."""
SHARE, INSIDE, OUTSIDE = LEARNED
RATE = SHARE * INSIDE + (1 - SHARE) * OUTSIDE
TRUTHS = {
    "unchanged": LEARNED,
    "relation gone": (SHARE, RATE, RATE),
    "difference cut to 8 points": (SHARE, 0.1475, 0.066),
    "distribution moved, few flagged": (0.03, 0.25, 0.079),
}
TARGETS = {
    ("unchanged", "holds"): (0.45, 0.62, 0.77, 0.91, 0.99, 1.00, 1.00),
    ("unchanged", "decayed"): (0.00, 0.00, 0.01, 0.01, 0.00, 0.00, 0.00),
    ("relation gone", "decayed"): (0.00, 0.00, 0.65, 0.68, 0.74, 0.80, 0.95),
    ("relation gone", "holds"): (0.02, 0.02, 0.03, 0.03, 0.03, 0.03, 0.00),
    ("difference cut to 8 points", "holds"): (0.12, 0.15, 0.23, 0.32, 0.50, 0.69, 0.64),
    ("difference cut to 8 points", "decayed"): (0.00, 0.00, 0.24, 0.19, 0.12, 0.08, 0.07),
    ("distribution moved, few flagged", "recalibrate"): (0.00, 0.51, 0.39, 0.85, 0.98, 1.00, 1.00),
}
FALSE = {
    ("unchanged", "decayed"),
    ("relation gone", "holds"),
    ("difference cut to 8 points", "decayed"),
}
"""Verdicts that should be rare: at most the target is wanted."""


def review(runs: int, first: int) -> str:
    """Share of runs with a verdict; rows are drawn until the stated number of events is reached."""
    promised = Learned0(SHARE * INSIDE / RATE, SHARE, INSIDE - OUTSIDE)
    found: dict[tuple[str, int], Counter[str]] = {}
    for truth, rates in TRUTHS.items():
        for events in EVENTS:
            words = (
                verdict(_drawn(number, truth, events, rates), promised).word
                for number in range(first, first + runs)
            )
            found[truth, events] = Counter(words)
    rows = []
    for (truth, word), targets in TARGETS.items():
        cells = [
            _cell(found[truth, n][word] / runs, target, runs, rare=(truth, word) in FALSE)
            for n, target in zip(EVENTS, targets, strict=True)
        ]
        rows.append([truth, word, *cells])
    return markdown(["truth", "verdict", *(f"{n} events" for n in EVENTS)], rows)


def _drawn(number: int, truth: str, events: int, rates: tuple[float, float, float]) -> Counted:
    """Rows one after the other, up to the one that brings the last event."""
    share, inside, outside = rates
    rng = stream(number, f"W13 {truth} {events}")
    size = int(events / (share * inside + (1 - share) * outside) * 4) + 200
    flagged = rng.random(size) < share
    happened = rng.random(size) < (flagged * inside + ~flagged * outside)
    last = int(happened.cumsum().searchsorted(events)) + 1
    flagged, happened = flagged[:last], happened[:last]
    inside_events = int((happened & flagged).sum())
    return Counted(inside_events, int(flagged.sum()), events - inside_events, int((~flagged).sum()))


def _cell(observed: float, target: float, runs: int, *, rare: bool) -> str:
    """With the target in brackets; short where it is missed by more than two standard errors."""
    error = 2 * math.sqrt(max(target * (1 - target), 0.0025) / runs)
    missed = observed > target + error + 0.005 if rare else observed < target - error - 0.005
    return f"{observed:.2f} ({target:.2f})" + (" **short**" if missed else "")


TABLES: dict[str, Callable[[int, int], str]] = {"review": review}
