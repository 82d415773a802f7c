"""The reading-and-checking half of an import: things given in, prepared tables and findings out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tenure.facts.files import GivenFile, plan_all, renamed, staged, usage_contracts
from tenure.facts.finding import Finding
from tenure.facts.given import Given
from tenure.facts.keys import drop_refused, drop_repeats, refuse_conflicts
from tenure.facts.known import Known
from tenure.facts.mapping import Mapping
from tenure.facts.own_ids import note_collisions
from tenure.facts.questions import ask_for_date_orders
from tenure.facts.reading import Settings
from tenure.facts.references import note_parked
from tenure.facts.row_checks import TableCheck
from tenure.facts.sanity import note_doubts
from tenure.facts.sources.rows import from_rows
from tenure.facts.sources.stage import Staged
from tenure.facts.sql import literal
from tenure.facts.summary import FileSummary, TableShare, summary_of
from tenure.facts.table import Table
from tenure.facts.work import Work

__all__ = ["FileSummary", "Given", "Prepared", "Settings", "TableShare", "from_rows", "prepare"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What an import would commit.

    `tables`: canonical table -> name of a DuckDB table with exactly `Table.sql_columns()` in order;
    keys are distinct, commit_no is null. `findings` and `refused` name the tables of
    `FINDING_COLUMNS` and `QUARANTINE_COLUMNS`.
    """

    tables: dict[str, str]
    findings: str
    refused: str
    files: tuple[FileSummary, ...]


def prepare(
    connection: Any,
    given: Sequence[Given],
    *,
    mapping: Mapping | None,
    settings: Settings,
    loaded_at: datetime,
    import_id: str,
    known: Known,
    findings: Sequence[Finding] = (),
    look: Callable[[Work, Sequence[GivenFile]], None] | None = None,
) -> Prepared:
    """What an import of `given` would commit, and everything that is wrong with it.

    Args:
        connection: a DuckDB connection of its own, in UTC; the prepared tables live in it.
        given: files and rows, from `discover` or `from_rows`.
        mapping: the declared mapping for foreign files; files named after tables need none.
        settings: what was declared for the whole import.
        loaded_at: the load time, with its zone.
        import_id: written to every row and finding.
        known: what the lake holds already.
        findings: remarks made before, such as files that nobody claims.
        look: shown every file as it is staged and planned, before anything is asked or checked.

    Raises:
        Question: dates in some file can be read two ways; nothing is prepared.
        SourceError: every file was refused as a whole.
    """
    connection.execute("set TimeZone = 'UTC'")
    source = settings.source or (mapping.id if mapping else "files")
    work = Work(connection, import_id, loaded_at, settings, known, source)
    work.begin()
    work.note(findings)
    files = [staged(work, item, mapping, number) for number, item in enumerate(renamed(given))]
    plan_all(work, files, mapping)
    if look is not None:
        look(work, files)
    ask_for_date_orders(work, [plan for file in files for plan in file.plans])
    tables = _check(work, files)
    _collisions(work, files, mapping)
    _together(work, files, tables)
    prepared = {name: work.prepared(name) for name in tables}
    for canonical in tables.values():
        note_parked(work, canonical, prepared)
    note_doubts(work, prepared, usage_contracts=usage_contracts(files, prepared))
    summaries = tuple(summary_of(work, file, prepared) for file in files)
    for file in files:
        if file.staged is not None:
            connection.execute(f"drop table if exists {file.staged.table}")
    return Prepared(prepared, work.findings, work.refused, summaries)


def _check(work: Work, files: list[GivenFile]) -> dict[str, Table]:
    """Every value of every file read or refused; the good rows are in the prepared tables after."""
    tables: dict[str, Table] = {}
    for file in files:
        checks = [TableCheck(work, plan) for plan in file.plans]
        for plan in file.plans:
            if plan.table.id not in tables:
                work.connection.execute(f"drop table if exists {work.prepared(plan.table.id)}")
            tables[plan.table.id] = plan.table
        for check in checks:
            check.run()
        for check in checks:
            check.fill()
    return tables


def _collisions(work: Work, files: list[GivenFile], mapping: Mapping | None) -> None:
    """Collisions of declared own ids, over all files that one declaration claims."""
    for declared in mapping.files.values() if mapping else ():
        claimed = [
            f.staged for f in files if f.staged and f.plans and declared.claims(f.given.name)
        ]
        if declared.own_id and claimed:
            note_collisions(work, claimed, declared.own_id)


def _together(work: Work, files: list[GivenFile], tables: dict[str, Table]) -> None:
    """Conflicts and repeats, over all files; then the refused rows with their text."""
    for canonical in tables.values():
        refuse_conflicts(work, canonical)
    for canonical in tables.values():
        drop_refused(work, canonical)
        drop_repeats(work, canonical)
    for file in files:
        if file.staged is not None and file.plans:
            _quarantine(work, file.staged)


def _quarantine(work: Work, staged: Staged) -> None:
    """One row per refused source row, with its text and the first thing that was wrong."""
    cells = ", ".join(f"{literal(header)}, s.c{i}" for i, header in enumerate(staged.headers))
    name = literal(staged.name)
    row = f"json_object({cells})" if cells else "'{}'"
    said = ", ".join(
        f"coalesce(f.{c}, '')" for c in ("rule", "column_name", "value", "says", "remedy")
    )
    work.connection.execute(
        f"insert into {work.refused} select {literal(work.import_id)}, {name}, s.line, "
        f"coalesce(f.table_name, ''), {row}, {said}, f.found_at "
        f"from (select min(rowid) as first from {work.findings} where file = {name} "
        "and outcome = 'refused' and line is not null group by line) "
        f"join {work.findings} f on f.rowid = first join {staged.table} s on s.line = f.line"
    )
