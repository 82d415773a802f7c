"""Learn a score model from rows with known outcomes, or set one from people's weights where they are too few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tenure.signals.health_score.columns import Scale, matrix, owners, scale
from tenure.signals.health_score.fit import Strength, choose_strength, fit, folds
from tenure.signals.health_score.inputs import Floats, Input, Stage, choose, set_by_people, stage
from tenure.signals.health_score.model import ScoreModel
from tenure.signals.streams import stream

REFERENCE_LANDMARKS = 4


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a person may set: pinned or hand-set weights by metric, bands of an opinion, the number of the draws.

    `weights` are parts of an opinion's index (1 where not named) and `pinned` log-odds per standard deviation of a
    learned score. `zones` None follows the ladder. `trial` names a metric, say the slope of the score itself, that
    stays only if it lowers the loss on rows held out. `opinion` keeps people's weights however many events there are:
    for when no metric was found to tell anything.
    """

    pinned: Mapping[str, float] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    bands: tuple[float, float] | None = None
    stream: int = 0
    zones: bool | None = None
    trial: str = ""
    opinion: bool = False


@dataclass(frozen=True, slots=True)
class Training:
    """Rows with known outcomes: values by metric (NaN is missing), outcomes, accounts and landmarks (days)."""

    values: Mapping[str, Floats]
    y: Floats
    accounts: Sequence[str]
    landmarks: NDArray[np.datetime64]

    def __len__(self) -> int:
        return len(self.y)

    @property
    def events(self) -> int:
        """Rows in which the event came."""
        return int(self.y.sum())

    def rows(self, some: NDArray[np.bool_]) -> Training:
        """Only these rows."""
        return Training(
            {name: values[some] for name, values in self.values.items()},
            self.y[some],
            [a for a, kept in zip(self.accounts, some.tolist(), strict=True) if kept],
            self.landmarks[some],
        )


@dataclass(frozen=True, slots=True)
class Learned:
    """A model, what it left out and why, and the loss of every penalty tried."""

    model: ScoreModel
    inputs: tuple[Input, ...]
    left_out: dict[str, str]
    strength: Strength | None


def learn(training: Training, inputs: Sequence[Input], recipe: Recipe | None = None) -> Learned:
    """The score model that so many events allow.

    Below 20 events the weights are people's, equal by default, and the model has no probability. Needs at least
    one row; a model in which nothing could enter scores every account alike.
    """
    recipe = recipe or Recipe()
    with_it = _learn(training, inputs, recipe)
    if not recipe.trial or recipe.trial not in {one.metric for one in with_it.inputs}:
        return with_it
    without = _learn(training, [one for one in inputs if one.metric != recipe.trial], recipe)
    if with_it.strength is None or without.strength is None:
        return without
    if min(with_it.strength.losses.values()) < min(without.strength.losses.values()):
        return with_it
    without.left_out[recipe.trial] = "no_better_on_rows_held_out"
    return without


def _learn(training: Training, inputs: Sequence[Input], recipe: Recipe) -> Learned:
    found = set_by_people(training.events) if recipe.opinion else stage(training.events)
    kept, left = choose(inputs, training.values, training.y > 0, found)
    zones = found.word == "zoned" if recipe.zones is None else recipe.zones
    scales = tuple(scale(one, training.values[one.metric], zones=zones) for one in kept)
    x = matrix(scales, training.values, len(training))
    named = owners(scales)
    if not found.is_learned:
        weights = [recipe.weights.get(m, 1.0) if kind == "value" else 0.0 for m, kind in named]
        beta, strength = np.array([0.0, *weights]), None
    else:
        pinned = [
            None if m not in recipe.pinned else recipe.pinned[m] if kind == "value" else 0.0
            for m, kind in named
        ]
        fold = folds(training.accounts, training.y, stream(recipe.stream, "health.folds"))
        strength = choose_strength(x, training.y, fold, found.lambdas, pinned)
        beta = fit(x, training.y, strength.lam, pinned)
    return Learned(_frozen(found, scales, beta, strength, x, training), kept, left, strength)


def _frozen(
    found: Stage,
    scales: tuple[Scale, ...],
    beta: Floats,
    strength: Strength | None,
    x: Floats,
    training: Training,
) -> ScoreModel:
    inner = beta[0] + x @ beta[1:]
    last = np.isin(training.landmarks, np.unique(training.landmarks)[-REFERENCE_LANDMARKS:])
    base = float(training.y.mean())
    # Healthy: no event followed and the risk was below the base rate; for an opinion, the less risky half.
    limit = np.log(base / (1 - base)) if found.is_learned and base < 1 else np.median(inner[last])
    healthy = last & (training.y == 0) & (inner < limit)
    healthy = healthy if healthy.any() else last
    return ScoreModel(
        found,
        scales,
        float(beta[0]),
        beta[1:],
        np.sort(inner[last]),
        np.median(x[healthy], axis=0),
        base if found.is_learned else float("nan"),
        strength.lam if strength else float("nan"),
    )
