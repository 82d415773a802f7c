"""From thresholds learned to the inputs of a score: each metric with the word it earned, its side and its lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tenure.signals.health_score.inputs import Input
from tenure.signals.health_score.learn import Training
from tenure.signals.learning import learn_thresholds
from tenure.signals.thresholds.config import Config
from tenure.signals.thresholds.learned import Learned
from tenure.signals.thresholds.lines import Zone

SIDES: dict[str, Any] = {"low": "lower", "high": "higher", "": ""}


def inputs_of(found: Iterable[Learned]) -> tuple[Input, ...]:
    """One input per metric. The learner's AUC is that of the risky side; an input's is that of larger values."""
    return tuple(_input(one) for one in found)


def screener(
    segments: Mapping[tuple[str, str], str],
    metrics: Mapping[str, Any],
    config: Config,
    number: int = 0,
) -> Callable[[Training], Sequence[Input]]:
    """A function from training rows to inputs, for a back-test: thresholds are learned inside each origin.

    Args:
        segments: of each account and ISO day of a row.
        metrics: as for `learn_thresholds`.
        config: the constants of the learner.
        number: of the random draws.
    """

    def screen(rows: Training) -> Sequence[Input]:
        days = [str(day) for day in rows.landmarks]
        keys = zip(rows.accounts, days, strict=True)
        table = {
            "account": list(rows.accounts),
            "as_of": days,
            "outcome": rows.y.tolist(),
            "segment": [segments.get(key, "") for key in keys],
            **{name: values.tolist() for name, values in rows.values.items()},
        }
        named = {name: metrics[name] for name in rows.values}
        found = learn_thresholds(
            table, label="outcome", metrics=named, segment="segment", config=config, stream=number
        )
        return inputs_of(found)

    return screen


def _input(one: Learned) -> Input:
    auc = one.auc.estimate
    larger = None if auc != auc else 1 - auc if one.direction == "low" else auc
    return Input(
        one.metric.name,
        SIDES[one.direction],
        one.status,
        _edge(one.at_risk),
        _edge(one.healthy),
        larger,
    )


def _edge(zone: Zone) -> float | None:
    """The line of a zone that has one; a band of two is no column of a score."""
    return zone.lines[0].value if len(zone.lines) == 1 else None
