"""What each prepared row is to the table it goes into: new, a correction, a repeat, or an id used twice.

One row per prepared row in the view `lake_classes`, made of the rows whose key the lake holds, in
`lake_met_<table>`: all others are new. One per key that a complete export no longer holds in `lake_closing`.
All are temporary and of the import's own connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from deltalake import DeltaTable

from tenure.facts.sql import ident, literal, words_in
from tenure.facts.table import Table
from tenure.lake.shape import files_of, shape_of


@dataclass(frozen=True, slots=True)
class Batch:
    """Prepared rows on their way into `table`: the DuckDB table `prepared` of `connection`.

    `closing`: the file is a complete export, so keys of its sources that it lacks are closed. `unsure`:
    rows of it were refused, so that what it lacks is not known. `corrects`: imports whose rows this one says
    anew: it replaces even their events, and closes their keys that it lacks. `withdrawing`: the rows are taken back.
    `connection` is a DuckDB connection (typed Any because duckdb ships no complete types).
    """

    connection: Any
    table: Table
    prepared: str
    import_id: str
    loaded_at: datetime
    closing: bool = False
    unsure: bool = False
    corrects: tuple[str, ...] = ()
    withdrawing: bool = False

    @property
    def loaded(self) -> datetime:
        """`loaded_at` as the engine stores it: UTC without a zone."""
        return self.loaded_at.astimezone(UTC).replace(tzinfo=None)

    @property
    def content(self) -> list[str]:
        """The columns whose change makes another version: declared, and not the key."""
        return [name for name in self.table.columns if name not in self.table.key]


def classify(batch: Batch, handle: DeltaTable, *, before: int | None = None) -> None:
    """Fill `lake_classes` and `lake_closing` by what the handle's version holds.

    Args:
        batch: the rows.
        handle: the table; only the months the batch touches are read.
        before: look only at commits before this number, as the commit itself did when it was made.
    """
    _stored(batch, _touched_files(batch, handle), before=before)
    connection, same = batch.connection, _same(batch.content, "given", "held")
    is_event = "true" if batch.table.kind == "event" else "false"
    if batch.corrects:
        is_event += f" and held.import_id not in {words_in(batch.corrects)}"
    connection.execute(
        f"""
        create or replace temp table {met(batch.table.id)} as
        with held as (
          select * from lake_stored
          qualify row_number() over ({_newest_first(batch.table)}) = 1
        ),
        known as (  -- a declared version that is already stored, wherever it stands in the history
          select given.rowid as row_no from {batch.prepared} given
          semi join lake_stored held
            on {_same(batch.table.key, "given", "held")} and {same}
            and given.version_at = held.version_at and not held.is_closed
          where given.version_at <> $loaded
        )
        select
          given.rowid as row_no,
          case
            when ({is_event}) and not {same} then 'id.reused'
            when held.is_closed then 'replaced'
            when ({is_event}) then 'repeat'
            when given.version_at <> $loaded then if(known.row_no is null, 'replaced', 'repeat')
            when {same} then 'repeat'
            else 'replaced'
          end as class,
          -- Arrival decides where nothing is declared, also after the clock was put back; and a key
          -- that comes back after being closed is open again, however old its declared change is.
          case
            when given.version_at = $loaded or held.is_closed
            then greatest(given.version_at, held.version_at)
            else given.version_at
          end as version_at,
          case {_first_difference(batch)} end as differs
        from {batch.prepared} given
        join held on {_same(batch.table.key, "given", "held")}
        left join known on known.row_no = given.rowid
        """,
        {"loaded": batch.loaded},
    )
    if batch.withdrawing:
        _write_nothing(batch)
    connection.execute(
        f"create or replace temp view lake_classes as {classes_of(batch.table.id, batch.prepared)}"
    )
    _closing(batch, handle, before=before)


def met(table: str) -> str:
    """The name of the table that classes the prepared rows of `table` whose key the lake held."""
    return f"lake_met_{table}"


def classes_of(table: str, prepared: str) -> str:
    """SQL for row_no, file, line and class of every row prepared for `table`."""
    return (
        "select given.rowid as row_no, coalesce(given.source_file, '') as file, "
        "given.source_line as line, coalesce(met.class, 'new') as class "
        f"from {prepared} given left join {met(table)} met on met.row_no = given.rowid"
    )


def _stored(batch: Batch, files: Sequence[str], *, before: int | None) -> None:
    """Every stored version of the batch's keys, as `lake_stored`."""
    scan = shape_of(batch.table).scan(files)
    earlier = f"where held.commit_no < {int(before)}" if before is not None else ""
    batch.connection.execute(
        f"""
        create or replace temp table lake_stored as
        select held.* from ({scan}) held
        semi join {batch.prepared} given on {_same(batch.table.key, "given", "held")}
        {earlier}
        """
    )


def _write_nothing(batch: Batch) -> None:
    """Rows that are taken back are no rows of the table, whether it holds their key or not."""
    batch.connection.execute(
        f"create or replace temp table {met(batch.table.id)} as select rowid as row_no, 'repeat' as class, "  # noqa: S608 - our own names
        f"version_at, null::varchar as differs from {batch.prepared}"
    )


def _closing(batch: Batch, handle: DeltaTable, *, before: int | None) -> None:
    """The current keys that the batch closes, as `lake_closing`.

    Rows taken back: those keys, where their source said them last. A corrected reading: keys that the imports it
    corrects brought and it lacks. Else keys of its sources that it lacks: all, or those of groups it replaces.
    """
    lacked = f"anti join {batch.prepared} given on {_same(batch.table.key, 'given', 'held')}"
    if batch.withdrawing:
        _close(batch, "lake_stored", _given(batch, batch.table.key))
    elif batch.corrects:
        stored = _stored_in([] if batch.unsure else files_of(handle), batch, before=before)
        _close(batch, stored, lacked, f"and held.import_id in {words_in(batch.corrects)}")
    else:
        group = [] if batch.closing else list(batch.table.replaces)
        files = files_of(handle) if batch.closing or (group and not batch.unsure) else []
        stored = _stored_in(files, batch, before=before)
        _close(batch, stored, f"{_given(batch, group)} {lacked}")


def _close(batch: Batch, stored: str, chosen: str, further: str = "") -> None:
    """Of the newest version of every key in `stored`, those `chosen` by a join that are open."""
    batch.connection.execute(
        f"""
        create or replace temp table lake_closing as
        with held as (
          select * from {stored}
          qualify row_number() over ({_newest_first(batch.table)}) = 1
        )
        select held.* from held {chosen}
        where not held.is_closed {further}
        """
    )


def _given(batch: Batch, columns: Sequence[str]) -> str:
    """The join to rows of the same source that the batch gives."""
    return f"semi join {batch.prepared} given on {_same(['source', *columns], 'given', 'held')}"


def _stored_in(files: Sequence[str], batch: Batch, *, before: int | None) -> str:
    """Every stored version in those files, or what of it was there before a commit."""
    earlier = f"where commit_no < {int(before)}" if before is not None else ""
    return f"(select * from ({shape_of(batch.table).scan(files)}) {earlier})"


def rows_to_write(batch: Batch, *, commit_no: int) -> str:
    """SQL for the rows the commit appends, in stored form: new, replaced, and closings."""
    columns = batch.table.sql_columns()
    given = {name: f"given.{ident(name)}" for name in columns} | {
        "commit_no": f"{int(commit_no)}::bigint",
        "version_at": "coalesce(met.version_at, given.version_at)",
        "import_id": literal(batch.import_id),
        "is_closed": "false",
    }
    loaded = f"timestamp '{batch.loaded.isoformat(sep=' ')}'"
    closing = {name: ident(name) for name in columns} | {
        "commit_no": f"{int(commit_no)}::bigint",
        "version_at": f"greatest({loaded}, version_at)",
        "recorded_at": loaded,
        "import_id": literal(batch.import_id),
        "source_line": "null::bigint",
        "is_closed": "true",
    }
    return f"""
        select {stored_form(columns, given)} from {batch.prepared} given
        left join {met(batch.table.id)} met on met.row_no = given.rowid
        where met.class is null or met.class = 'replaced'
        union all
        select {stored_form(columns, closing)} from lake_closing
        {_laid_down(batch.table)}
        """


def _laid_down(table: Table) -> str:
    """A table cut by month is laid down by its key: an account's rows together take a third of the room and time."""
    if not table.partition:
        return ""
    return f"order by {', '.join(map(ident, [table.partition_column, *table.key]))}"


def stored_form(columns: dict[str, str], values: dict[str, str]) -> str:
    """The select list that gives every column as Delta keeps it: instants as UTC."""
    # This reads the plain instant as UTC whatever the session's zone is, as timezone() does 20 times slower.
    return ", ".join(
        f"make_timestamptz(epoch_us({values[name]})) as {ident(name)}"
        if kind == "TIMESTAMP"
        else f"{values[name]} as {ident(name)}"
        for name, kind in columns.items()
    )


def _touched_files(batch: Batch, handle: DeltaTable) -> list[str]:
    cut = batch.table.partition_column
    if not cut or batch.table.partition not in batch.table.key:
        return files_of(handle)
    months = batch.connection.execute(
        f"select distinct {ident(cut)} from {batch.prepared}"
    ).fetchall()
    return files_of(handle, months=[month for (month,) in months], cut=cut)


def _same(columns: Sequence[str], left: str, right: str) -> str:
    """A condition: all columns equal, a missing part equal to a missing part."""
    if not columns:
        return "true"
    return (
        "("
        + " and ".join(
            f"{left}.{ident(c)} is not distinct from {right}.{ident(c)}" for c in columns
        )
        + ")"
    )


def _newest_first(table: Table) -> str:
    keys = ", ".join(ident(column) for column in table.key)
    return f"partition by {keys} order by version_at desc, commit_no desc"


def _first_difference(batch: Batch) -> str:
    if not batch.content:
        return "when true then null"
    return " ".join(
        f"when given.{ident(c)} is distinct from held.{ident(c)} then {literal(c)}"
        for c in batch.content
    )
