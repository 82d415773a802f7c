"""The second opinion on a comparison: every arm weighted up to the whole by how likely its accounts were to be in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tenure.insights.logistic import design, fitted, probabilities
from tenure.insights.strata import Overlap
from tenure.signals.rates import Interval
from tenure.signals.streams import stream

Floats = NDArray[np.float64]

TRIM = (0.05, 0.95)
DRAWS = 200


def weighted_difference(strata: Sequence[Overlap], *, number: int) -> Interval:
    """Renewal rate of the covered less that of the others, with stabilised inverse-probability weights.

    The probability of being covered is a logistic fit on the words of the strata (not on their product, so it can
    speak where the stratified comparison has one arm only), trimmed to .05 to .95; the interval is the middle 95 %
    of a bootstrap over renewals. Rows of one stratum and outcome are one cell, so an order of rows cannot matter.

    Args:
        strata: the table of strata.
        number: the stream of the bootstrap.
    """
    labels = {
        name: [s.stratum[name] for s in strata for _ in range(4)] for name in strata[0].stratum
    }
    counts = np.array([count for s in strata for count in s.table], dtype=float)
    covered = np.tile([1.0, 1.0, 0.0, 0.0], len(strata))
    renewed = np.tile([1.0, 0.0, 1.0, 0.0], len(strata))
    x = design(labels, {}).x
    estimate = _difference(x, covered, renewed, counts)
    draws = stream(number, "insights.coverage.weights")
    total = int(counts.sum())
    again = draws.multinomial(total, counts / total, size=DRAWS).astype(float)
    found = [_difference(x, covered, renewed, own) for own in again]
    low, high = np.nanquantile(found, [0.025, 0.975])
    return Interval(estimate, float(low), float(high))


def _difference(x: Floats, covered: Floats, renewed: Floats, counts: Floats) -> float:
    p = np.clip(probabilities(x, fitted(x, covered, weights=counts)), *TRIM)
    share = float((counts * covered).sum() / counts.sum())
    weights = counts * np.where(covered == 1, share / p, (1 - share) / (1 - p))
    arms = [weights * (covered == arm) for arm in (1, 0)]
    if min(arm.sum() for arm in arms) <= 0:
        return float("nan")
    return float(
        (arms[0] * renewed).sum() / arms[0].sum() - (arms[1] * renewed).sum() / arms[1].sum()
    )
