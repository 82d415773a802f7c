"""Signs that a value knows the future: rewritten after the exit, the exit itself, or silence because of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tenure.signals.thresholds.bins import counts, grid
from tenure.signals.thresholds.metric import Metric
from tenure.signals.thresholds.separation import auc

REWRITTEN = 0.05
NEAR_DAYS, NEAR, FAR_DAYS, FAR = 14, 0.95, 28, 0.80
SILENCE_TIMES, SILENCE_POINTS = 2.0, 0.20
FEWEST = 8


@dataclass(frozen=True, slots=True)
class Leak:
    """A finding on one metric, with the two numbers that were compared."""

    check: Literal["knowledge_time", "consequence", "silence"]
    metric: str
    first: float
    second: float
    says: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def separates(values: NDArray[np.float64], happened: NDArray[np.bool_]) -> float:
    """The AUC of a metric, turned so that it is at least one half; NaN below 8 of either kind."""
    known = ~np.isnan(values)
    events = int(happened[known].sum())
    if events < FEWEST or int(known.sum()) - events < FEWEST:
        return np.nan
    low = auc(counts(grid(values), happened, low_is_risk=True)).estimate
    return max(low, 1 - low)


def knowledge_leaks(
    metrics: Sequence[Metric],
    today: NDArray[np.float64],
    then: NDArray[np.float64],
    happened: NDArray[np.bool_],
) -> tuple[Leak, ...]:
    """Metrics that separate better with what is known today than with what was known then."""
    found = []
    for place, metric in enumerate(metrics):
        naive, known = separates(today[:, place], happened), separates(then[:, place], happened)
        # Nothing left that was known then is the same as not separating at all.
        if naive - (0.5 if np.isnan(known) else known) > REWRITTEN:
            says = "Values were changed after the customer left."
            found.append(Leak("knowledge_time", metric.name, naive, known, says))
    return tuple(found)


def consequence(
    metric: Metric,
    near: NDArray[np.float64],
    far: NDArray[np.float64],
    happened: NDArray[np.bool_],
) -> Leak | None:
    """Values at most 14 days before against those 28 days before: off-boarding is no warning."""
    close, early = separates(near, happened), separates(far, happened)
    if close > NEAR and early < FAR:
        says = "This looks like off-boarding: it shows in the last two weeks and not before."
        return Leak("consequence", metric.name, close, early, says)
    return None


def silence(
    metrics: Sequence[Metric], values: NDArray[np.float64], happened: NDArray[np.bool_]
) -> tuple[Leak, ...]:
    """Metrics that are missing because the account is leaving; missing is then information, never filled in."""
    if min(happened.sum(), (~happened).sum()) < FEWEST:
        return ()
    found = []
    for place, metric in enumerate(metrics):
        missing = np.isnan(values[:, place])
        gone, stayed = float(missing[happened].mean()), float(missing[~happened].mean())
        if gone >= SILENCE_TIMES * stayed and gone - stayed >= SILENCE_POINTS:
            says = "Missing because it is leaving: the silence itself is the sign."
            found.append(Leak("silence", metric.name, gone, stayed, says))
    return tuple(found)
