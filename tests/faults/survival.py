"""The survival laws of a lake, checked by a reader that shares no code with the engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from deltalake import DeltaTable

from tenure.facts.table import table, tables
from tenure.lake import snapshots
from tenure.lake.engines.duckdb import Engine
from tenure.lake.lake import Lake

State = dict[str, list[tuple[Any, ...]]]


class Broken(AssertionError):
    """A law does not hold; `law` names it."""

    def __init__(self, law: str, says: str) -> None:
        super().__init__(f"{law}: {says}")
        self.law = law


def stored(folder: Path, name: str, version: int | None = None) -> list[dict[str, Any]]:
    """All rows of a table, every version of every key, read by the table library alone."""
    found = DeltaTable(str(folder / "lake" / name), version=version).scan().read_all()
    columns = {column: found[column].to_pylist() for column in found.column_names}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _sortable(row: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(str(value) for value in row)


def state(folder: Path) -> State:
    """Current content at the newest snapshot: the last row of each key, as a loop over all rows finds it."""
    shown = snapshots.newest(Lake.open(folder))
    found: State = {}
    for name, version in shown.versions.items():
        if name not in tables():
            continue
        declared = table(name)
        newest: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in sorted(
            stored(folder, name, version), key=lambda r: (r["version_at"], r["commit_no"])
        ):
            newest[tuple(row[column] for column in declared.key)] = row
        rows = [
            tuple(row[c] for c in declared.columns)
            for row in newest.values()
            if not row["is_closed"]
        ]
        found[name] = sorted(rows, key=_sortable)
    return found


def engine_state(folder: Path) -> State:
    """The same, as the engine tells it."""
    lake = Lake.open(folder)
    with Engine(lake, snapshots.newest(lake)) as engine:
        found = {}
        for name in engine.tables():
            columns = ", ".join(f'"{column}"' for column in table(name).columns)
            found[name] = sorted(engine.rows(f'select {columns} from "{name}"'), key=_sortable)
        return found


def ledger(folder: Path) -> dict[str, dict[str, Any]]:
    """Import id -> its newest row in the ledger."""
    rows = sorted(stored(folder, "imports"), key=lambda row: row["turn"])
    return {row["import_id"]: row | {"summary": json.loads(row["summary"])} for row in rows}


def check(folder: Path) -> None:
    """L1, L2, L7 and second readers; to be called when no import is unfinished.

    Raises:
        Broken: with the name of the law.
    """
    _every_file_stands(folder)
    done = {key: row["summary"] for key, row in ledger(folder).items() if row["state"] == "done"}
    shown = snapshots.newest(Lake.open(folder))
    for name, version in shown.versions.items():
        rows = stored(folder, name, version)
        if name in tables():
            _rows_as_reported(name, rows, done)
            _keys_once(name, rows, has_versions=shown.has_versions[name])
    for summary in done.values():
        counted = sum(
            summary[part] for part in ("loaded", "replaced", "repeats", "refused", "left_out")
        )
        if counted != summary["rows"]:
            raise Broken("L2", f"{counted} rows are told of {summary['rows']}")
    if any((folder / "lake" / "intake").iterdir()):
        raise Broken("L4", "an input is still waiting")
    for mine, theirs in zip(
        sorted(engine_state(folder).items()), sorted(state(folder).items()), strict=True
    ):
        if _texts(mine[1]) != _texts(theirs[1]):
            raise Broken(
                "second readers",
                f"{mine[0]}: the engine has {len(mine[1])} rows, a loop {len(theirs[1])}",
            )


def _texts(rows: list[tuple[Any, ...]]) -> list[tuple[str, ...]]:
    """Instants differ only in whether the zone is said."""
    return [tuple(str(value).removesuffix("+00:00") for value in row) for row in rows]


def _rows_as_reported(name: str, rows: list[dict[str, Any]], done: dict[str, Any]) -> None:
    for import_id in {row["import_id"] for row in rows} | set(done):
        there = sum(row["import_id"] == import_id for row in rows)
        counts = done.get(import_id, {}).get("tables", {}).get(name, {})
        told = sum(counts.get(part, 0) for part in ("new", "replaced", "closed"))
        if there != told:
            raise Broken("L1", f"{name}: import {import_id} told of {told} rows, {there} are there")


def _keys_once(name: str, rows: list[dict[str, Any]], *, has_versions: bool) -> None:
    extra = ("commit_no",) if has_versions else ()
    keys = [tuple(row[column] for column in (*table(name).key, *extra)) for row in rows]
    if len(keys) != len(set(keys)):
        raise Broken("L1", f"{name}: {len(keys) - len(set(keys))} keys are doubled")


def _every_file_stands(folder: Path) -> None:
    for log in sorted((folder / "lake").glob("*/_delta_log")):
        DeltaTable(str(log.parent))
        for entry in sorted(log.glob("*.json")):
            for line in entry.read_text().splitlines():
                added = json.loads(line).get("add")
                file = log.parent / added["path"] if added else None
                if file is not None and (not file.exists() or file.stat().st_size != added["size"]):
                    raise Broken("L7", f"{file.name} is missing or has another size")
