"""How a company sells, and what follows for its metrics: which come first, and which defaults differ (C51, C118)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from tenure.kernel.declare import shipped_as
from tenure.kernel.errors import UnknownName
from tenure.kernel.settings import BUSINESS_MODELS


@dataclass(frozen=True, slots=True)
class Priority:
    """A metric that comes first, and why."""

    metric: str
    why: str


@dataclass(frozen=True, slots=True)
class OtherDefault:
    """A default of ours that does not suit the model: what to set instead, in a preset, and why."""

    metric: str
    parameter: str
    value: Any
    why: str


@dataclass(frozen=True, slots=True)
class BusinessModel:
    """One business model.

    `word` is how `accounts.business_model` calls it, since a company may run several, each for some accounts.
    `context` says what is different about it, a sentence each; `priority` its metrics in S2's order.
    """

    id: str
    title: str
    says: str
    word: str
    context: tuple[str, ...]
    priority: tuple[Priority, ...]
    defaults: tuple[OtherDefault, ...] = ()
    sources: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "id": self.id,
            "title": self.title,
            "says": self.says,
            "context": list(self.context),
            "priority": [{"metric": p.metric, "why": p.why} for p in self.priority],
            "defaults": [
                {"metric": d.metric, "parameter": d.parameter, "value": d.value, "why": d.why}
                for d in self.defaults
            ],
        }


@cache
def business_models() -> dict[str, BusinessModel]:
    """All business models by id, in S2's order."""
    return shipped_as(BusinessModel, "tenure.metrics.models", BUSINESS_MODELS)


def chosen(names: Iterable[str]) -> list[BusinessModel]:
    """The models called so, by id or by the word of `accounts.business_model`, each once.

    Raises:
        UnknownName: no such model; the nearest is named.
    """
    by_name = business_models() | {model.word: model for model in business_models().values()}
    found: dict[str, BusinessModel] = {}
    for name in names:
        if name not in by_name:
            raise UnknownName("business model", name, by_name)
        found[by_name[name].id] = by_name[name]
    return list(found.values())
