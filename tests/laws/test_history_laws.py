"""A history says of each account and day what the metric says when it is asked that day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from laws.lives import Company, Telling, companies
from tenure.metrics.compute import Computed, compute
from tenure.metrics.declaration import Metric, built_in
from tenure.metrics.gives import read_part
from tenure.metrics.history.asking import column_of
from tenure.metrics.history.made import WHY, has_history, history
from tenure.metrics.lateness import LATE, late_note
from tenure.metrics.questions import Defaults, Span, ask

METRICS = [metric for metric in built_in() if has_history(metric)]
DISTANCES = (0, 1, 7, 28, 45, 90, 365)
"""Days before the company's own day: not evenly spaced, so that windows overlap, touch and lie apart."""


def read_history(company: Company, days: list[date]) -> dict[tuple[date, str], dict[str, Any]]:
    telling = Telling(company)
    computed = Computed(telling.memory, telling.reading)
    made = history(METRICS, days, computed, Defaults(company.as_of, "USD"))
    names = ["as_of", "account_id", *(n for c in made.columns for n in (c, c + WHY))]
    listed = ", ".join(f'"{name}"' for name in names)
    rows = telling.memory.query(f"select {listed} from ({made.query})")
    return {row[:2]: dict(zip(names, row, strict=True)) for row in rows}


def shown(metric: Metric, answer: Any) -> dict[str, tuple[dict[str, Any], str, str]]:
    """Columns of a metric with the map of the answer they are read from, its path, and the field inside."""
    found = {}
    if metric.answer:
        for path, kind in metric.history.items():
            component, _, field = path.partition(".")
            if kind != "listed":
                found[column_of(metric, path)] = (
                    answer.components.get(component),
                    component,
                    field,
                )
        return found
    for name, text in metric.gives.items():
        part = read_part(text, where=metric.id)
        if part.kind != "per_account" or name == "overdue_by_account":
            continue
        for field in part.names or ("",):
            headline = (field or part.expression) in ("value", metric.value)
            column = metric.id if headline else f"{metric.id}__{field or name}"
            found[column] = (answer.components.get(name), name, field)
    return found


@pytest.mark.parametrize("company", companies(), ids=[c.name for c in companies()])
def test_every_value_of_a_history_is_what_the_metric_says_on_that_day(company: Company):
    compare(company, sorted(company.as_of - timedelta(days=back) for back in DISTANCES), METRICS)


@pytest.mark.parametrize("company", companies(), ids=[c.name for c in companies()])
def test_a_history_of_weeks_says_the_same(company: Company):
    """Even weeks are put together in another way: people by their weeks, features by theirs."""
    days = [company.as_of - timedelta(days=7 * back) for back in (9, 8, 7, 6, 5, 4, 3, 2, 1, 0)]
    compare(company, days, [m for m in METRICS if m.category == "usage" and not m.answer])


def compare(company: Company, days: list[date], metrics: list[Metric]) -> None:
    held = read_history(company, days)
    telling, compared = Telling(company), set()
    for day in days:
        for metric in metrics:
            asked = ask(
                metric,
                Span(as_of=day),
                by=None,
                where=None,
                given={},
                defaults=Defaults(company.as_of, "USD"),
            )
            answer = compute(metric, asked, Computed(telling.memory, telling.reading))
            for column, (by_account, path, field) in shown(metric, answer).items():
                for account_id, entry in (by_account or {}).items():
                    value = entry[field] if field and entry is not None else entry
                    place = f"{path}.{account_id}"
                    why = answer.reasons.get(f"{place}.{field}") or answer.reasons.get(place)
                    if (day, account_id) not in held:
                        assert not entry, f"{column}: {account_id} is not there on {day}"
                        continue
                    row = held[day, account_id]
                    got = row[column]
                    taint = LATE if late_note(metric, asked, telling.reading) else None
                    assert (got, row[column + WHY]) == (value, why if value is None else taint), (
                        f"{column} of {account_id} on {day}"
                    )
                    assert not isinstance(value, Decimal) or got == value
                    compared.add(column)
    assert len(compared) >= 4


@pytest.mark.parametrize("company", companies(), ids=[c.name for c in companies()])
def test_a_metric_without_a_map_keeps_its_cut_by_account(company: Company):
    days = [company.as_of - timedelta(days=7), company.as_of]
    held = read_history(company, days)
    telling = Telling(company)
    cut = [m for m in METRICS if not m.answer and not m.per and "account" in m.cuts]
    assert cut
    for day in days:
        for metric in cut:
            asked = ask(
                metric,
                Span(as_of=day),
                by="account",
                where=None,
                given={},
                defaults=Defaults(company.as_of, "USD"),
            )
            answer = compute(metric, asked, Computed(telling.memory, telling.reading))
            for one in answer.cuts:
                if (day, one.key) in held:
                    row = held[day, one.key]
                    assert (row[metric.id], row[metric.id + WHY]) == (one.value, one.reason)
