"""Metrics that are functions, asked day by day, as columns like the compiled ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tenure.metrics.answer import Answer
from tenure.metrics.asked import Asked
from tenure.metrics.compute import Computed, compute
from tenure.metrics.declaration import Metric

TYPES: Mapping[str, str] = {
    "ratio": "DOUBLE", "number": "DECIMAL(28,6)", "money": "DECIMAL(28,6)", "int": "BIGINT",
    "date": "DATE", "bool": "BOOLEAN", "word": "VARCHAR", "listed": "BOOLEAN",
}  # fmt: skip
"""What a part of an answer may be, with its column's type; `listed`: whether the account stands in a list."""


def asked_values(
    asked: Sequence[tuple[Metric, Sequence[Asked]]], computed: Computed, why: str
) -> tuple[dict[str, str], dict[str, list[Any]]]:
    """Types by column, and columns as_of, account_id, then a value and its reason (`why` behind the name)."""
    types: dict[str, str] = {}
    rows: dict[tuple[Any, str], dict[str, Any]] = {}
    for metric, questions in asked:
        parts = metric.history or {"by_account": "ratio"}
        for path, kind in parts.items():
            types |= {
                column_of(metric, path): TYPES[kind],
                column_of(metric, path) + why: "VARCHAR",
            }
        for question in questions:
            answer = compute(metric, replace(question, bare=True), computed)
            named = {a for path in parts for a in _named(answer, path)}
            for account_id in {*computed.reading.begun_accounts(question), *named}:
                row = rows.setdefault((question.as_of, account_id), {})
                for path, kind in parts.items():
                    column = column_of(metric, path)
                    row[column], row[column + why] = _part(answer, path, kind, account_id)
    columns: dict[str, list[Any]] = {name: [] for name in ("as_of", "account_id", *types)}
    for (as_of, account_id), row in rows.items():
        columns["as_of"].append(as_of)
        columns["account_id"].append(account_id)
        for name in types:
            columns[name].append(row.get(name))
    return types, columns


def column_of(metric: Metric, path: str) -> str:
    """The column of a part: the metric's own for its map by account, else with the part's name behind it."""
    first = next(iter(metric.history), "by_account")
    if path == first:
        return metric.id
    return f"{metric.id}__{path.removeprefix('by_account.')}"


def _named(answer: Answer, path: str) -> list[str]:
    """The accounts a part has a row for."""
    return list(answer.components.get(path.partition(".")[0]) or ())


def _part(answer: Answer, path: str, kind: str, account_id: str) -> tuple[Any, str | None]:
    """An account's part of an answer, or why it is Unknown; no row of a map is no data."""
    component, _, name = path.partition(".")
    if answer.unknown and component not in answer.components:
        return None, answer.unknown
    found = answer.components.get(component)
    if found is None:
        return None, answer.reasons.get(component) or answer.unknown or "no_data"
    if kind == "listed":
        return account_id in found, None
    place = f"{component}.{account_id}"
    if account_id not in found:
        return None, answer.reasons.get(place, "undefined")
    value = found[account_id]
    if name and value is not None:
        value, place = value[name], f"{place}.{name}"
    if value is None:
        return None, answer.reasons.get(
            place, answer.reasons.get(f"{component}.{account_id}", "no_data")
        )
    return (Decimal(str(value)) if kind in ("number", "money") else value), None
