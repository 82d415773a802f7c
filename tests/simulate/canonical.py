"""Whether written files fit the canonical tables: every cell, key, reference and rule."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import ledger_by_hand

from tenure.facts.table import SQL_TYPES, Column, table, tables

CHECKS: dict[str, Callable[[str], object]] = {
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
    "money": Decimal,
    "number": Decimal,
    "rate": Decimal,
    "int": int,
    "json": json.loads,
    "bool": lambda text: {"true": True, "false": False}[text],
}


def broken(column: Column, text: str) -> str | None:
    """What is wrong with a cell, or None."""
    if not text:
        return "is missing" if column.required else None
    if column.type == "word" and text not in column.words:
        return "is an unknown word"
    value = CHECKS.get(column.type, str)(text)
    if column.minimum is not None and isinstance(value, int | Decimal) and value < column.minimum:
        return "is too small"
    if column.maximum is not None and isinstance(value, int | Decimal) and value > column.maximum:
        return "is too large"
    return None


def misfits(folder: Path, name: str) -> list[object]:
    """Cells of the wrong kind, and keys given twice."""
    found, keys = ledger_by_hand.rows(folder, name), set()
    wrong: list[object] = []
    for row in found:
        for column_name, column in table(name).columns.items():
            if problem := broken(column, row[column_name]):
                wrong.append((column_name, problem, row))
        key = tuple(row[part] for part in table(name).key)
        if key in keys:
            wrong.append(("key", "is given twice", row))
        keys.add(key)
    return wrong


def unmet_references(folder: Path, name: str) -> dict[str, set[str]]:
    """Values that refer to nothing, by column."""
    found = {}
    for column_name, column in table(name).columns.items():
        if column.refers_to:
            key = table(column.refers_to).key[0]
            known = {row[key] for row in ledger_by_hand.rows(folder, column.refers_to)}
            given = {row[column_name] for row in ledger_by_hand.rows(folder, name)} - {""}
            found[column_name] = given - known
    return {column_name: values for column_name, values in found.items() if values}


def broken_rules(folder: Path) -> dict[str, int]:
    """Rows per declared rule that does not hold for them."""
    found = {}
    with duckdb.connect() as engine:
        for name, declared in tables().items():
            shape = {column: SQL_TYPES[c.type] for column, c in declared.columns.items()}
            listed = ", ".join(f"'{column}': '{kind}'" for column, kind in shape.items())
            source = f"read_csv('{folder / name}.csv', header = true, columns = {{{listed}}})"
            for rule in declared.rules:
                bad = engine.sql(f"select count(*) from {source} where not coalesce({rule.holds}, false)")  # fmt: skip
                if count := bad.fetchall()[0][0]:
                    found[rule.name] = count
    return found
