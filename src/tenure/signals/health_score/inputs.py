"""What may enter a health score: the word each metric earned, and how much the number of events allows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tenure.signals.evidence import Status

Floats = NDArray[np.float64]
Direction = Literal["higher", "lower", ""]

LEARNABLE: frozenset[Status] = frozenset({"accepted", "provisional", "weak_signal", "proxy"})
NEVER: frozenset[Status] = frozenset({"confounded", "direction_conflict", "constant"})
ZONED: frozenset[Status] = frozenset({"accepted", "provisional"})

LEARN_FROM, LEARN_FULLY, TAKE_UNSEPARATED, ADD_ZONES = 20, 50, 100, 200
"""Events from which weights are learned, from which freely, from which metrics that separate nothing may help,
and from which the learned lines become columns."""

EVENTS_PER_METRIC = 5
"""Below 50 events; with the strict penalties one metric per 5 events ranks better than one per 10
(decisions: a-metric-per-five-events)."""

LAMBDAS = (1.0, 3.0, 6.0, 12.0, 24.0)
STRICT_LAMBDAS = (3.0, 6.0, 12.0, 24.0)
"""Below 50 events; with 6 as the mildest a score was too cautious (decisions: penalties-below-fifty-events)."""


@dataclass(frozen=True, slots=True)
class Input:
    """One metric as the threshold learner left it.

    `direction` says which values are riskier; empty where nobody knows, and then `auc` decides (the share of
    pairs in which the account with the event has the larger value; above .5 larger is riskier). The lines are in
    the metric's own unit.
    """

    metric: str
    direction: Direction = ""
    status: Status = "weak_signal"
    at_risk_line: float | None = None
    healthy_line: float | None = None
    auc: float | None = None

    @property
    def sign(self) -> int:
        """1 where larger is riskier, else -1."""
        if self.direction:
            return 1 if self.direction == "higher" else -1
        return -1 if self.auc is not None and self.auc < 0.5 else 1


@dataclass(frozen=True, slots=True)
class Stage:
    """How much the events allow: the word for it, a label for people, and what the next stage needs."""

    word: Literal["opinion", "provisional", "learned", "zoned"]
    label: str
    events: int
    more: int
    lambdas: tuple[float, ...]
    most_metrics: int | None

    @property
    def is_learned(self) -> bool:
        """Whether weights come from outcomes, so that a probability may be shown."""
        return self.word != "opinion"


def stage(events: int) -> Stage:
    """The stage of the ladder that so many events reach."""
    if events < LEARN_FROM:
        more = LEARN_FROM - events
        return Stage("opinion", "opinion, unvalidated", events, more, (), None)
    if events < LEARN_FULLY:
        more = LEARN_FULLY - events
        return Stage(
            "provisional", "provisional", events, more, STRICT_LAMBDAS, events // EVENTS_PER_METRIC
        )
    if events < ADD_ZONES:
        return Stage("learned", "learned", events, ADD_ZONES - events, LAMBDAS, None)
    return Stage("zoned", "learned, with zones", events, 0, LAMBDAS, None)


def set_by_people(events: int) -> Stage:
    """The first stage, whatever the number of events: nothing was found that weights could be learned from."""
    return Stage("opinion", "opinion, unvalidated", events, max(0, LEARN_FROM - events), (), None)


def auc(values: Floats, events: NDArray[np.bool_]) -> float:
    """The share of pairs with and without the event in which the one with it has the larger value; ties count half.

    Missing values take no part. NaN where there is no pair. Source: Mann and Whitney 1947, by mid-ranks.
    """
    known = ~np.isnan(values)
    v, y = values[known], events[known]
    n1 = int(y.sum())
    n0 = len(y) - n1
    if not n1 or not n0:
        return math.nan
    _, inverse, counts = np.unique(v, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    return float((middle[inverse][y].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def choose(
    inputs: Sequence[Input], values: Mapping[str, Floats], events: NDArray[np.bool_], found: Stage
) -> tuple[tuple[Input, ...], dict[str, str]]:
    """The inputs that enter, each with a direction, and those left out with the reason.

    Args:
        inputs: at most one per metric.
        values: the training rows' values by metric; missing is NaN.
        events: the training rows' outcomes.
        found: the stage that the number of events reaches.
    """
    kept: list[Input] = []
    left: dict[str, str] = {}
    for one in inputs:
        reason = _refused(one, values[one.metric], found)
        if reason:
            left[one.metric] = reason
        else:
            kept.append(_oriented(one, values[one.metric], events))
    if found.most_metrics is not None and len(kept) > found.most_metrics:
        kept.sort(key=lambda one: (-abs((0.5 if one.auc is None else one.auc) - 0.5), one.metric))
        for one in kept[found.most_metrics :]:
            left[one.metric] = "too_few_events_for_so_many_metrics"
        kept = kept[: found.most_metrics]
    return tuple(sorted(kept, key=lambda one: one.metric)), left


def _refused(one: Input, values: Floats, found: Stage) -> str:
    known = values[~np.isnan(values)]
    if len(known) < 0.5 * len(values) or not len(known):
        return "insufficient_coverage"
    if _spread(known) == 0:
        return "constant"
    if one.status in NEVER:
        return one.status
    if not found.is_learned or one.status in LEARNABLE:
        return ""
    if one.status == "no_separation" and found.events >= TAKE_UNSEPARATED:
        return ""
    return one.status


def _spread(known: Floats) -> float:
    low, high = np.percentile(known, [2, 98])
    return float(high - low)


def _oriented(one: Input, values: Floats, events: NDArray[np.bool_]) -> Input:
    measured = one.auc
    if measured is None:
        by_rows = auc(values, events)
        measured = None if math.isnan(by_rows) else by_rows
    placed = replace(one, auc=measured)
    return replace(placed, direction="higher" if placed.sign > 0 else "lower")


def read_inputs(given: Any, metrics: Sequence[str]) -> tuple[Input, ...]:
    """Inputs as given, or one per metric where none were: then nothing was learned about them before."""
    return tuple(given) if given is not None else tuple(Input(name) for name in metrics)
