"""Generated lives and products in memory, and what every metric beside revenue tells of them, in comparable form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from laws.worlds import Rows
from metrics.memory import Memory
from oracles.days import add_months
from oracles.life import scene
from oracles.product import world
from tenure.metrics.answer import Answer
from tenure.metrics.compute import Computed, compute
from tenure.metrics.declaration import built_in
from tenure.metrics.questions import Defaults, Span, ask
from tenure.metrics.reading import Reading

LIVES, WORLDS = (90, 91, 92, 94), (1, 3, 4)
REVENUE = ("contract_lines or contracts", "contracts", "opportunities", "risk_flags")
ELSEWHERE = {"co_term_proration", "threshold_calibration"}
"""One is asked of a line; the other asks another metric, which has its laws here."""
METRICS = [m.id for m in built_in() if m.needs and not set(m.needs) <= set(REVENUE)]
METRICS = [name for name in METRICS if name not in ELSEWHERE]
ASKED: dict[str, dict[str, Any]] = {"time_to_activation": {"activation_feature": "F1,export"}}


@dataclass(frozen=True)
class Company:
    """A company's rows, the zone its days are counted in, and the day it is asked about."""

    name: str
    rows: Rows
    zone: str
    as_of: date

    def with_rows(self, rows: Rows) -> Company:
        return replace(self, rows=rows)


class Telling:
    """A company in memory; every question shares one reading."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.memory = Memory(company.rows)
        self.reading = Reading(self.memory, "USD", company.zone, catalogue=built_in())

    def answer(self, metric: str, **said: Any) -> Answer:
        """One answer; a period metric is asked of the quarter that runs on the day."""
        declared, as_of = built_in().metrics[metric], self.company.as_of
        quarter = date(as_of.year, 3 * ((as_of.month - 1) // 3) + 1, 1)
        days = (quarter, add_months(quarter, 3)) if declared.period != "none" else (None, None)
        asked = ask(
            declared,
            Span(*days, None, as_of),
            by=said.pop("by", None),
            where=said.pop("where", None),
            given=ASKED.get(metric, {}) | said,
            defaults=Defaults(today=as_of, reporting_currency="USD", gross_margin=0.8),
        )
        return compute(declared, asked, Computed(self.memory, self.reading))

    def all(self) -> dict[str, Any]:
        """What every metric tells."""
        return {metric: plain(self.answer(metric)) for metric in METRICS}


def plain(answer: Answer) -> dict[str, Any]:
    """What an answer says, and nothing about how or from which line of which file."""
    return {
        "value": answer.value,
        "unknown": answer.unknown,
        "reasons": dict(answer.reasons),
        "components": answer.components,
    }


@cache
def companies() -> tuple[Company, ...]:
    """Some lives and some products, as they are on the day all was laid around."""
    lives = [(f"life {seed}", scene(seed)) for seed in LIVES]
    worlds = [(f"world {seed}", world(seed)) for seed in WORLDS]
    found = [Company(name, life.rows, life.zone, life.pivot) for name, life in lives]
    return (*found, *(Company(name, this.rows, this.zone, this.today) for name, this in worlds))


@cache
def telling(number: int) -> Telling:
    """A company as it is, read once for all laws."""
    return Telling(companies()[number])


@cache
def told(number: int) -> Mapping[str, Any]:
    """What every metric tells of a company as it is."""
    return telling(number).all()
