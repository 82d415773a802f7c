"""The second tier, in order: each derived fact rests on tables and on the ones before it (rulings A11)."""

from __future__ import annotations

from collections.abc import Mapping

from tenure.facts.table import SQL_TYPES, ColumnType, table, tables
from tenure.kernel.errors import UnknownName
from tenure.metrics.derived import (
    account_days,
    activity_days,
    advocacy_deeds,
    advocacy_steps,
    cadence_slots,
    consumption_terms,
    engagements,
    feature_window,
    handoffs,
    known_spans,
    limit_days,
    lines_in_force,
    onboarding_clocks,
    person_months,
    response_days,
    score_windows,
    seat_days,
    ticket_days,
    touches,
    usage_days,
    usage_weeks,
    user_window,
)
from tenure.metrics.derived.fact import DerivedFact

TRAIL: Mapping[str, ColumnType] = {"source_key": "id", "source_file": "text", "source_line": "int"}
"""Columns that lead a derived row back to the source row it stands for."""

TIER: dict[str, DerivedFact] = {
    module.FACT.id: module.FACT
    for module in (
        known_spans,
        lines_in_force,
        consumption_terms,
        seat_days,
        limit_days,
        activity_days,
        touches,
        engagements,
        cadence_slots,
        handoffs,
        onboarding_clocks,
        score_windows,
        usage_days,
        account_days,
        person_months,
        user_window,
        feature_window,
        usage_weeks,
        ticket_days,
        response_days,
        advocacy_steps,
        advocacy_deeds,
    )
}


def columns_of(name: str) -> Mapping[str, ColumnType]:
    """The columns of a table or derived fact with their types.

    Raises:
        UnknownName: neither.
    """
    if name in TIER:
        return TIER[name].columns
    if name in tables():
        return {column: declared.type for column, declared in table(name).columns.items()}
    raise UnknownName("table or derived fact", name, [*tables(), *TIER])


def needs_of(name: str) -> tuple[str, ...]:
    """The tables without which a table or derived fact says nothing."""
    return TIER[name].needs if name in TIER else (name,)


def reads_of(name: str) -> tuple[str, ...]:
    """All tables a table or derived fact looks at, those below it included."""
    if name not in TIER:
        return (name,)
    fact = TIER[name]
    below = [table for lower in fact.rests_on for table in reads_of(lower)]
    return tuple(dict.fromkeys([*fact.needs, *fact.reads, *below]))


def sql_types(fact: DerivedFact) -> dict[str, str]:
    """A derived fact's columns with their DuckDB types; the trail's where it leads to rows."""
    declared = {**fact.columns, **(TRAIL if fact.leads_to else {})}
    return {name: SQL_TYPES[kind] for name, kind in declared.items()}
