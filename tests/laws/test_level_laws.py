"""A history above accounts says of each day and part what the metric says when it is asked that day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, seed, settings

from laws.lives import Company, Telling, companies
from laws.worlds import AS_OF, CAREFUL, SEED, Rows
from laws.worlds import companies as revenue_companies
from metrics.memory import Memory
from tenure.metrics.answer import Answer
from tenure.metrics.compute import Computed, compute
from tenure.metrics.declaration import Catalogue, Metric, built_in
from tenure.metrics.history.levels import COMPANY, Cell, cells, levels_of, wanted_at
from tenure.metrics.questions import Defaults, Span, ask
from tenure.metrics.reading import Reading

DISTANCES = (0, 1, 28, 120)
"""Days before the company's own day: next to one another, and in other months and quarters."""
REVENUE = [m.id for m in built_in() if "arr_movements" in m.derived or "renewals_due" in m.derived]
AT_LEVELS = [m for m in built_in() if levels_of(m)]
BY_NIGHT = companies()[2:]


def reading_of(rows: Rows, zone: str = "UTC") -> Computed:
    memory = Memory(rows)
    return Computed(memory, Reading(memory, "USD", zone, catalogue=built_in()))


def told_alone(metric: Metric, level: str, day: date, computed: Computed) -> Answer:
    """The whole answer, asked of that day."""
    by = None if level == COMPANY else level
    defaults = Defaults(day, "USD", gross_margin=0.8)
    asked = ask(metric, Span(as_of=day), by=by, where=None, given={}, defaults=defaults)
    return compute(metric, asked, computed)


def shown(answer: Answer, level: str) -> dict[str, tuple[Any, Any, Any]]:
    taint = "source_late" if "source.late" in {note.code for note in answer.findings} else None
    if level == COMPANY:
        why = answer.unknown if answer.value is None else taint
        return {COMPANY: (answer.value, why, answer.n)}
    return {c.key: (c.value, c.reason if c.value is None else taint, c.n) for c in answer.cuts}


def compare(rows: Rows, zone: str, metrics: Sequence[Metric], days: Sequence[date]) -> set[str]:
    """Every level of every metric, day after day from one reading, against a reading of that day alone."""
    shared, known = reading_of(rows, zone), set[str]()
    alone = {day: reading_of(rows, zone) for day in days}
    catalogue = Catalogue({metric.id: metric for metric in metrics})
    for day in days:
        for metric in metrics:
            parts: dict[str, dict[str, Cell]] = {}
            for level in levels_of(metric):
                word, (one,) = wanted_at(catalogue, [metric.id], level)
                found = cells(one, word, day, shared, Defaults(day, "USD", gross_margin=0.8))
                answer = told_alone(metric, level, day, alone[day])
                values = {key: cell[:3] for key, cell in found.items()}
                assert values == shown(answer, level), f"{metric.id} by {level} on {day}"
                known |= {metric.id for cell in found.values() if cell[0] is not None}
                parts[level] = found
            for level, found in parts.items():
                whole = parts.get(COMPANY, {}).get(COMPANY, (None,) * 4)[3]
                if whole is not None and level in ("csm", "segment") and found:
                    lacking = sum(cell[3] or 0 for cell in found.values())
                    assert lacking == whole, f"Unknown accounts of {metric.id} by {level} on {day}"
    return known


@pytest.mark.parametrize("company", companies()[:2], ids=[c.name for c in companies()[:2]])
def test_every_level_of_every_metric_is_what_the_metric_says_on_that_day(company: Company):
    days = [company.as_of - timedelta(days=back) for back in DISTANCES[:2]]
    known = compare(company.rows, company.zone, AT_LEVELS, days)
    assert len(known) >= 8


@pytest.mark.night
@pytest.mark.parametrize("company", BY_NIGHT, ids=[c.name for c in BY_NIGHT])
def test_every_level_of_every_metric_through_the_night(company: Company):
    days = [company.as_of - timedelta(days=back) for back in DISTANCES]
    assert compare(company.rows, company.zone, AT_LEVELS, days)


@seed(SEED)
@settings(CAREFUL, max_examples=6)
@given(revenue_companies(currencies=("USD", "EUR")))
def test_retention_and_renewals_of_the_company_and_of_books_are_those_of_the_day(rows: Rows):
    metrics = [m for m in AT_LEVELS if m.id in REVENUE]
    days = [AS_OF - timedelta(days=back) for back in (*DISTANCES, 35, 65)]
    compare(rows, "UTC", metrics, sorted(days))


def test_accounts_that_are_unknown_are_counted_beside_those_that_are_known():
    company = next(c for c in companies() if c.name == "life 90")
    telling, metric = Telling(company), built_in().metrics["cadence_attainment"]
    computed = Computed(telling.memory, telling.reading)
    _, (one,) = wanted_at(built_in(), ["cadence_attainment"], COMPANY)
    cell = cells(one, COMPANY, company.as_of, computed, Defaults(company.as_of, "USD"))[COMPANY]
    by_account = told_alone(metric, COMPANY, company.as_of, computed).components["by_account"]
    lacking = [a for a, entry in by_account.items() if entry is None]

    assert cell[2:] == (len(by_account) - len(lacking), len(lacking))


def test_a_bare_answer_says_what_the_whole_one_says():
    company = companies()[0]
    computed = reading_of(company.rows, company.zone)
    for metric in AT_LEVELS:
        defaults = Defaults(company.as_of, "USD", gross_margin=0.8)
        span = Span(as_of=company.as_of)
        asked = ask(metric, span, by=None, where=None, given={}, defaults=defaults)
        whole = compute(metric, asked, computed)
        bare = compute(metric, replace(asked, bare=True), computed)
        assert (bare.value, bare.unknown, bare.n) == (whole.value, whole.unknown, whole.n)
        assert bare.components.get("by_account") == whole.components.get("by_account")
