"""Rows together: the same key twice, with the same content (a repeat) or with another (a conflict)."""

from __future__ import annotations

from tenure.facts.finding import Finding
from tenure.facts.sql import ident, literal
from tenure.facts.table import Table
from tenure.facts.work import Work

_PLACES = 5


def refuse_conflicts(work: Work, table: Table) -> None:
    """Refuse all rows of a key that stands with different contents and nothing orders them.

    Where a declared `updated_at` orders them, only the newest moment counts; a conflict is two
    contents at that one moment.
    """
    _twins(work, table)
    twins = _twins_name(table)
    if not work.count(f"select count(*) from {twins}"):
        return
    columns = [name for name in table.columns if name not in table.key]
    content = ", ".join(ident(name) for name in columns) or "1"
    key = _key(table)
    differing = ", ".join(
        f"case when count(distinct {ident(n)}) + max(({ident(n)} is null)::int) > 1 then {literal(n)} end"
        for n in columns
    )
    conflicts = (
        f"with newest as (select *, max(version_at) over (partition by {key}) as latest from {twins}), "
        "held as (select * from newest where version_at = latest), "
        f"found as (select {key}, concat_ws(', ', {differing or 'null'}) as differing, count(*) as rows_held, "
        f"list(source_file || ':' || source_line order by source_file, source_line) as places from held "
        f"group by {key} having count(distinct row({content})) > 1)"
    )
    join = " and ".join(f"h.{ident(n)} is not distinct from f.{ident(n)}" for n in table.key)
    rows = (
        f"{conflicts} select h.source_file as file, h.source_line as line, {_shown_key(table)} as value, "
        "'has the same key as ' || (f.rows_held - 1) || ' other row' || case when f.rows_held > 2 then 's' else '' end "
        "|| ' with different content (' || f.differing || '): ' "
        f"|| array_to_string(f.places[1:{_PLACES}], ', ') || case when f.rows_held > {_PLACES} then ', ...' else '' end as says "
        f"from held h join found f on {join} order by 1, 2"
    )
    like = Finding(
        rule="key.conflict",
        says="",
        remedy="keep the right row, or declare the updated_at column that orders them",
        table_name=table.id,
        column_name=", ".join(table.key),
    )
    work.note_rows(like, rows)
    work.connection.execute(
        f"insert into {work.bad} select distinct file, line from {work.findings} "
        f"where rule = 'key.conflict' and table_name = {literal(table.id)}"
    )


def _key(table: Table) -> str:
    return ", ".join(ident(name) for name in table.key)


def _shown_key(table: Table) -> str:
    parts = ", ".join(f"h.{ident(name)}::varchar" for name in table.key)
    return f"left(concat_ws(' | ', {parts}), 200)"


def _twins_name(table: Table) -> str:
    return f"twins_{table.id}"


def _twins(work: Work, table: Table) -> None:
    """The rows whose key stands more than once; all later questions look at these only."""
    prepared, key = work.prepared(table.id), _key(table)
    join = " and ".join(f"p.{ident(n)} is not distinct from k.{ident(n)}" for n in table.key)
    work.connection.execute(
        f"create or replace table {_twins_name(table)} as select p.*, p.rowid as row_no from {prepared} p "
        f"semi join (select {key} from {prepared} group by {key} having count(*) > 1) k on {join}"
    )


def drop_refused(work: Work, table: Table) -> None:
    """Take rows out that any target refused: a source row is imported whole or not at all."""
    prepared = work.prepared(table.id)
    work.connection.execute(
        f"delete from {prepared} using (select distinct file, line from {work.bad}) b "
        f"where source_file = b.file and source_line = b.line"
    )


def drop_repeats(work: Work, table: Table) -> None:
    """Keep one row per key, the newest and then the first; note the others as repeats.

    An older version within one import is counted as a repeat and named in a notice: history is kept
    across imports, not inside one.
    """
    prepared, key, twins = work.prepared(table.id), _key(table), _twins_name(table)
    if not work.count(f"select count(*) from {twins}"):
        work.connection.execute(f"drop table {twins}")
        return
    ranked = (
        # Of one file the row that stands first, whichever way it came in; then the file that came first.
        f"select t.*, row_number() over (partition by {key} "
        "order by version_at desc, file_begins, source_line, row_no) as place, "
        f"max(version_at) over (partition by {key}) as latest from (select *, "
        f"min(row_no) over (partition by source_file) as file_begins from {twins}) t anti join {work.bad} b "
        "on t.source_file = b.file and t.source_line = b.line"
    )
    work.connection.execute(
        f"create or replace table {twins} as select * from ({ranked}) where place > 1"
    )
    work.connection.execute(
        f"insert into {work.repeated} select source_file, source_line, {literal(table.id)} from {twins}"
    )
    work.connection.execute(f"delete from {prepared} where rowid in (select row_no from {twins})")
    _note_older(work, table)
    work.connection.execute(f"drop table {twins}")


def _note_older(work: Work, table: Table) -> None:
    like = Finding(
        rule="key.older_version",
        says="",
        remedy="nothing, unless the older versions matter: then import them one after the other",
        level="notice",
        outcome="notice",
        table_name=table.id,
        column_name=", ".join(table.key),
    )
    work.note_rows(
        like,
        f"select source_file as file, min(source_line) as line, count(*) || if(count(*) = 1, ' row holds', ' rows hold') || ' an older version "
        f"of a row in this import: the newest was kept' as says from {_twins_name(table)} "
        "where version_at < latest group by source_file",
    )
