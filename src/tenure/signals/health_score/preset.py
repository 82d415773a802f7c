"""Starting weights of a health score per business model: an opinion until outcomes speak."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from tenure.kernel.declare import shipped_as
from tenure.kernel.errors import UnknownName
from tenure.kernel.settings import BUSINESS_MODELS
from tenure.signals.health_score.inputs import Input


@dataclass(frozen=True, slots=True)
class Weighed:
    """A metric, which values are riskier, its part of the index, and why it is in."""

    metric: str
    riskier: Literal["higher", "lower"]
    why: str
    weight: float = 1.0
    part: str = ""


@dataclass(frozen=True, slots=True)
class Preset:
    """The inputs of a score before anything was learned.

    `part` names the component of a metric whose value is no single number per account. The weights are people's:
    equal but for what the source calls critical.
    """

    id: str
    title: str
    says: str
    inputs: tuple[Weighed, ...]
    sources: tuple[str, ...] = ()

    def weights(self) -> dict[str, float]:
        """Weight by metric, as a recipe takes them."""
        return {each.metric: each.weight for each in self.inputs}

    def read(self, columns: Iterable[str]) -> tuple[Input, ...]:
        """The inputs among these columns, with their direction and the word `preset`."""
        there = set(columns)
        some = [each for each in self.inputs if each.metric in there]
        return tuple(Input(each.metric, each.riskier, "preset") for each in some)


@cache
def presets() -> dict[str, Preset]:
    """The preset of every business model, by the model's id."""
    return shipped_as(Preset, "tenure.signals.health_score.presets", BUSINESS_MODELS)


def preset(name: str) -> Preset:
    """The preset of a business model.

    Raises:
        UnknownName: there is none of that name.
    """
    if name not in presets():
        raise UnknownName("health preset", name, presets())
    return presets()[name]
