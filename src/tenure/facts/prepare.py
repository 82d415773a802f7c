"""The reading-and-checking half of an import: things given in, prepared tables and findings out."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tenure.facts.finding import Finding, Stopped, store_refused
from tenure.facts.given import Given
from tenure.facts.keys import drop_refused, drop_repeats, refuse_conflicts
from tenure.facts.known import Known
from tenure.facts.lookups import Lookups
from tenure.facts.mapping import Mapping
from tenure.facts.own_ids import note_collisions
from tenure.facts.questions import ask_for_date_orders
from tenure.facts.reading import Settings
from tenure.facts.references import note_parked
from tenure.facts.row_checks import TableCheck
from tenure.facts.sanity import note_doubts
from tenure.facts.sources.read import stage
from tenure.facts.sources.rows import from_rows
from tenure.facts.sources.stage import Staged
from tenure.facts.sql import literal
from tenure.facts.supply import Plan, canonical_plan, mapped_plan
from tenure.facts.table import Table, table
from tenure.facts.work import Work
from tenure.kernel.errors import Bug, SourceError

__all__ = ["FileSummary", "Given", "Prepared", "Settings", "TableShare", "from_rows", "prepare"]


@dataclass(frozen=True, slots=True)
class TableShare:
    """What one file gave to one canonical table, in rows."""

    accepted: int
    repeats: int
    refused: int


@dataclass(frozen=True, slots=True)
class FileSummary:
    """What became of one file.

    rows = accepted + repeats + refused + left_out. A row that feeds several tables counts once:
    refused if any target refused it (then none gets it), accepted if any target kept it, else a
    repeat; left out where the mapping's own `only` chose no target for it. `stopped` is the rule that
    refused the whole file, empty if none did.
    """

    name: str
    digest: str
    encoding: str = ""
    encoding_guessed: bool = False
    delimiter: str = ""
    rows: int = 0
    accepted: int = 0
    repeats: int = 0
    refused: int = 0
    left_out: int = 0
    stopped: str = ""
    tables: MappingOf[str, TableShare] = field(default_factory=dict)


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


@dataclass(slots=True)
class _File:
    """A given thing on its way: its stage, or what stopped it, and its plans."""

    given: Given
    staged: Staged | None = None
    stopped: Stopped | None = None
    plans: list[Plan] = field(default_factory=list)


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

    Raises:
        Question: dates in some file can be read two ways; nothing is prepared.
        SourceError: every file was refused as a whole.
    """
    connection.execute("set TimeZone = 'UTC'")
    source = settings.source or (mapping.id if mapping else "files")
    work = Work(connection, import_id, loaded_at, settings, known, source)
    work.begin()
    work.note(findings)
    files = [_staged(work, item, mapping, number) for number, item in enumerate(_renamed(given))]
    _plan(work, files, mapping)
    ask_for_date_orders(work, [plan for file in files for plan in file.plans])
    tables = _check(work, files)
    _collisions(work, files, mapping)
    _together(work, files, tables)
    prepared = {name: work.prepared(name) for name in tables}
    for canonical in tables.values():
        note_parked(work, canonical, prepared)
    note_doubts(work, prepared)
    summaries = tuple(_summary(work, file, prepared) for file in files)
    for file in files:
        if file.staged is not None:
            connection.execute(f"drop table if exists {file.staged.table}")
    return Prepared(prepared, work.findings, work.refused, summaries)


def _renamed(given: Sequence[Given]) -> list[Given]:
    """The given things under names that differ, since a row is known by its file's name and line."""
    names: dict[str, int] = {}
    found = []
    for item in given:
        count = names[item.name] = names.get(item.name, 0) + 1
        name = item.name if count == 1 else f"{item.name} #{count}"
        found.append(Given(name, item.path, item.rows, item.table, item.digest))
    return found


def _staged(work: Work, given: Given, mapping: Mapping | None, number: int) -> _File:
    claimed = mapping.file_for(given.name) if mapping and given.table is None else None
    reading = work.settings.for_file(given.name, claimed[1].reading() if claimed else None)
    file = _File(given)
    try:
        file.staged = stage(work.connection, given, reading, table=f"stage_{number}")
    except Stopped as stopped:
        file.stopped = stopped
        work.note([stopped.finding()])
        return file
    work.note(file.staged.findings)
    store_refused(
        work.connection,
        work.refused,
        file.staged.refused,
        import_id=work.import_id,
        found_at=work.loaded_at,
    )
    if not file.staged.rows:
        work.note([_no_rows(given)])
    return file


def _no_rows(given: Given) -> Finding:
    return Finding(
        rule="file.no_rows",
        level="notice",
        outcome="notice",
        file=given.name,
        table_name=given.table or "",
        says="holds 0 rows",
        remedy="nothing, if that is so; else export it again",
    )


def _plan(work: Work, files: list[_File], mapping: Mapping | None) -> None:
    """How each staged file feeds its tables; a file that cannot is stopped."""
    stages = [file.staged for file in files if file.staged is not None]
    for file in files:
        if file.staged is None:
            continue
        try:
            file.plans = _plans_of(work, file, stages, mapping)
        except Stopped as stopped:
            file.stopped, file.plans = stopped, []
            work.note([stopped.finding()])
        for plan in file.plans:
            work.note(plan.findings)
    problems = [file.stopped for file in files if file.stopped is not None]
    if problems and len(problems) == len(files):
        raise _all_stopped(problems)


def _all_stopped(problems: list[Stopped]) -> SourceError:
    first = problems[0]
    if len(problems) == 1:
        return first
    others = "; ".join(f"{p.where}: {p.what}" for p in problems[1:])
    return SourceError(
        f"{first.what} Every other file was refused too: {others}",
        where=first.where,
        remedy=first.remedy,
        code=first.code,
    )


def _plans_of(work: Work, file: _File, stages: list[Staged], mapping: Mapping | None) -> list[Plan]:
    staged = file.staged
    if staged is None:
        return []
    if file.given.table is not None:
        reading = work.settings.for_file(file.given.name)
        plan = canonical_plan(staged, table(file.given.table), reading)
        plan.source = f"{staged.table} s"
        return [plan]
    claimed = mapping.file_for(file.given.name) if mapping else None
    if mapping is None or claimed is None:
        raise Bug(f"Nobody claims `{file.given.name}`, yet it is imported.")
    declared = claimed[1]
    reading = work.settings.for_file(file.given.name, declared.reading())
    plans = []
    for target in declared.targets():
        ordered = [staged, *[s for s in stages if s is not staged]]
        lookups = Lookups(
            work.connection, ordered, mapping=mapping, settings=work.settings, known=work.known
        )
        plan = mapped_plan(staged, target, file=declared, reading=reading, joined=lookups.joined)
        plan.source = lookups.source(staged)
        plans.append(plan)
    work.note(_unmapped(staged, mapping, claimed[0]))
    return plans


def _unmapped(staged: Staged, mapping: Mapping, key: str) -> list[Finding]:
    """A warning per source column that the mapping neither reads nor ignores."""
    used = mapping.files[key].columns_read()
    return [
        Finding(
            rule="column.unmapped",
            level="warning",
            outcome="warning",
            file=staged.name,
            line=1,
            column_no=position,
            column_name=header,
            says=f"is not mentioned by the mapping {mapping.id}; the rows are imported without it",
            remedy="map it, or list it under `ignore` with the reason",
        )
        for position, header in enumerate(staged.headers, start=1)
        if header not in used
    ]


def _check(work: Work, files: list[_File]) -> dict[str, Table]:
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


def _collisions(work: Work, files: list[_File], mapping: Mapping | None) -> None:
    """Collisions of declared own ids, over all files that one declaration claims."""
    for declared in mapping.files.values() if mapping else ():
        claimed = [
            f.staged for f in files if f.staged and f.plans and declared.claims(f.given.name)
        ]
        if declared.own_id and claimed:
            note_collisions(work, claimed, declared.own_id)


def _together(work: Work, files: list[_File], tables: dict[str, Table]) -> None:
    """Conflicts and repeats, over all files; then the refused rows with their text."""
    named = {p.table.id for file in files for p in file.plans if p.distinct}
    for canonical in tables.values():
        refuse_conflicts(work, canonical)
    for canonical in tables.values():
        drop_refused(work, canonical)
        drop_repeats(work, canonical, counted=canonical.id not in named)
    for file in files:
        if file.staged is not None and file.plans:
            _quarantine(work, file.staged)


def _quarantine(work: Work, staged: Staged) -> None:
    """One row per refused source row, with its text and the first thing that was wrong."""
    cells = ", ".join(f"{literal(header)}, s.c{i}" for i, header in enumerate(staged.headers))
    name = literal(staged.name)
    firsts = ", ".join(
        f"arg_min(coalesce({column}, ''), rowid) as {column}"
        for column in ("table_name", "rule", "column_name", "value", "says", "remedy")
    )
    row = f"json_object({cells})" if cells else "'{}'"
    work.connection.execute(
        f"insert into {work.refused} select {literal(work.import_id)}, {name}, s.line, f.table_name, "
        f"{row}, f.rule, f.column_name, f.value, f.says, f.remedy, f.found_at from {staged.table} s join "
        f"(select line, {firsts}, min(found_at) as found_at from {work.findings} "
        f"where file = {name} and outcome = 'refused' and line is not null group by line) f "
        f"on f.line = s.line order by s.line"
    )


def _summary(work: Work, file: _File, prepared: MappingOf[str, str]) -> FileSummary:
    """The counts of one file, each counted by itself, so that a lost row would show."""
    given, staged = file.given, file.staged
    if staged is None or file.stopped is not None:
        code = file.stopped.code if file.stopped else ""
        return FileSummary(given.name, given.digest, stopped=code)
    name = literal(staged.name)
    kept = " union ".join(
        f"select source_line as line from {prepared[p.table.id]} where source_file = {name}"
        for p in file.plans
    )
    refused = f"select line from {work.refused} where file = {name}"
    accepted = work.count(f"select count(distinct line) from ({kept})")
    repeats = work.count(
        f"select count(distinct line) from {work.repeated} where file = {name} "
        f"and line not in ({kept}) and line not in ({refused})"
    )
    out = work.count(
        f"select count(*) from {staged.table} where line not in "
        f"(select line from {work.taken} where file = {name})"
    )
    summary = FileSummary(
        given.name, given.digest, staged.encoding, staged.encoding_guessed, staged.delimiter,
        staged.rows, accepted, repeats, work.count(f"select count(*) from ({refused})"), out,
        tables={p.table.id: _share(work, staged, p, prepared[p.table.id]) for p in file.plans},
    )  # fmt: skip
    if summary.rows != accepted + repeats + summary.refused + out:
        raise Bug(f"The rows of `{staged.name}` do not add up: {summary}.")
    return summary


def _share(work: Work, staged: Staged, plan: Plan, prepared: str) -> TableShare:
    name = literal(staged.name)
    return TableShare(
        work.count(f"select count(*) from {prepared} where source_file = {name}"),
        work.count(
            f"select count(*) from {work.repeated} where file = {name} "
            f"and table_name = {literal(plan.table.id)}"
        ),
        work.count(
            f"select count(*) from {work.refused} where file = {name} "
            f"and table_name = {literal(plan.table.id)}"
        ),
    )
