"""The learned score and what it has to beat, each told inside one origin from that origin's training rows alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tenure.signals.health_score.columns import matrix, scale
from tenure.signals.health_score.fit import expit
from tenure.signals.health_score.inputs import Floats, Input, auc, choose, stage
from tenure.signals.health_score.learn import Recipe, Training, learn
from tenure.signals.health_score.opinion import RANK

BASE, SINGLE, EQUAL, TEAM, LEARNED, PINNED = (
    "segment base rate",
    "best single metric",
    "equal weights",
    "the team's own score",
    "learned score",
    "pinned weights",
)
SIMPLEST_FIRST = (BASE, SINGLE, EQUAL, TEAM)
DRAWN = 20
"""A segment of n rows speaks with weight n/(n + 20), the whole book with the rest."""

Learner = Callable[[Training], Sequence[Input]]
"""Chooses the inputs from an origin's training rows: thresholds, directions and words are learned inside."""


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Rows of one origin with what else is known of them: segment, and the team's own word."""

    rows: Training
    segments: list[str]
    said: list[str]


def tell(train: Side, now: Side, inputs: Sequence[Input], recipe: Recipe) -> dict[str, Floats]:
    """P(event) of the rows told, by contender; all learned from `train`.

    The learned score is missing below 20 events (an opinion has no probability), the team's score where no row of
    either side has one.
    """
    found = {BASE: _base(train, now)}
    old, new = _turned(train.rows, now.rows, inputs)
    if old.shape[1]:
        measured = [abs(auc(old[:, j], train.rows.y > 0) - 0.5) for j in range(old.shape[1])]
        best = int(np.argmax(measured))
        found[SINGLE] = on_one(old[:, best], train.rows.y, new[:, best])
        found[EQUAL] = on_one(old.sum(axis=1), train.rows.y, new.sum(axis=1))
    theirs, today = _team(train.said), _team(now.said)
    if (~np.isnan(theirs)).any() and (~np.isnan(today)).any():
        found[TEAM] = on_one(_filled(theirs, theirs), train.rows.y, _filled(today, theirs))
    free = replace(recipe, pinned={})
    for name, how in ((LEARNED, free), (PINNED, recipe)) if recipe.pinned else ((LEARNED, free),):
        model = learn(train.rows, inputs, how).model
        if model.stage.is_learned and model.scales:
            found[name] = model.probability(model.columns(now.rows.values, len(now.rows)))
    return found


def on_one(old: Floats, y: Floats, new: Floats) -> Floats:
    """P(event) by a logistic line on one column, with a ridge of one half on the standardised slope; by Newton."""
    middle, spread = old.mean(), old.std() or 1.0
    x = np.column_stack([np.ones(len(old)), (old - middle) / spread])
    beta, ridge = np.zeros(2), np.diag([1e-9, 1.0])
    for _ in range(40):
        p = expit(x @ beta)
        step = np.linalg.solve(
            (x * (p * (1 - p))[:, None]).T @ x + ridge, x.T @ (y - p) - ridge @ beta
        )
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-10:
            break
    return expit(beta[0] + beta[1] * (new - middle) / spread)


def _base(train: Side, now: Side) -> Floats:
    whole = float(train.rows.y.mean())
    of = np.asarray(train.segments)
    rate = {}
    for segment in set(now.segments):
        mine = train.rows.y[of == segment]
        rate[segment] = (mine.sum() + DRAWN * whole) / (len(mine) + DRAWN)
    return np.array([rate[segment] for segment in now.segments])


def _turned(train: Training, now: Training, inputs: Sequence[Input]) -> tuple[Floats, Floats]:
    """One column per input that may enter, turned, cut and scaled as the score does, without its limit on number."""
    allowed = replace(stage(train.events), most_metrics=None)
    kept, _ = choose(inputs, train.values, train.y > 0, allowed)
    scales = [
        replace(scale(one, train.values[one.metric], zones=False), kinds=("value",)) for one in kept
    ]
    return matrix(scales, train.values, len(train)), matrix(scales, now.values, len(now))


def _team(said: Sequence[str]) -> Floats:
    made = []
    for word in said:
        colour = RANK.get(word.strip().lower())
        try:
            made.append(float(word) if colour is None else float(colour))
        except ValueError:
            made.append(np.nan)
    return -np.array(made)


def _filled(values: Floats, known: Floats) -> Floats:
    return np.where(np.isnan(values), np.nanmean(known), values)
