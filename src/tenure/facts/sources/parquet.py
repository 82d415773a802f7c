"""Parquet: typed columns as exact text, the row number standing for the line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from tenure.facts.finding import Finding, Stopped, shown_sql
from tenure.facts.given import Given, file_digest
from tenure.facts.reading import Reading
from tenure.facts.sources.content import contents, still_written
from tenure.facts.sources.delimited import refuse_twins
from tenure.facts.sources.stage import Staged
from tenure.facts.sql import ident, literal

_CONTROL = r"[\x00-\x08\x0e-\x1f\x7f\x{80}-\x{9f}]"
_MAGIC = b"PAR1"


def stage_parquet(connection: Any, given: Given, reading: Reading, *, table: str) -> Staged:
    """The file on the stage `table`; `line` is the row's number, 1 = first.

    Raises:
        Stopped: `file.broken` when the footer or a page cannot be read, `file.changed`.
    """
    del reading  # Parquet says itself what its bytes mean
    path = given.file
    _whole(path, given.name)
    scan = f"read_parquet({literal(str(path))}, file_row_number = true)"
    try:
        found = connection.execute(f"describe select * from {scan}").fetchall()
        columns = {name: kind for name, kind, *_ in found if name != "file_row_number"}
        staged = Staged(given.name, table, headers=list(columns), encoding="parquet")
        refuse_twins(staged.headers, name=given.name)
        stage_typed(connection, staged, columns, f"{scan}", line="file_row_number + 1")
    except duckdb.Error as error:
        raise _broken(given.name, str(error).splitlines()[0]) from error
    if given.digest and file_digest(path) != given.digest:
        raise still_written(given.name)
    return staged


def _whole(path: Path, name: str) -> None:
    """Stop before the engine looks at a file that does not begin and end as Parquet must."""
    first = next(iter(contents(path, name=name)), b"")
    if not first:
        raise Stopped("The file is empty.", code="file.empty", file=name, remedy="Export it again.")
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4))
        last = file.read(4)
    if first[:4] != _MAGIC or last != _MAGIC:
        raise _broken(name, "it does not begin and end with the mark PAR1")


def _broken(name: str, why: str) -> Stopped:
    return Stopped(
        f"The Parquet file cannot be read: {why}.", code="file.broken", file=name,
        remedy="Write or copy it again; it may be cut off.",
    )  # fmt: skip


def stage_typed(
    connection: Any, staged: Staged, columns: dict[str, str], source: str, *, line: str
) -> None:
    """Typed columns of the relation `source` on the stage, each as the text it would be in a CSV."""
    cells = [as_text(ident(name), kind) for name, kind in columns.items()]
    body = "".join(f", {cell} as c{i}" for i, cell in enumerate(cells))
    connection.execute(
        f"create or replace table {staged.table} as select ({line})::bigint as line{body} from {source}"
    )
    ((staged.rows,),) = connection.execute(f"select count(*) from {staged.table}").fetchall()
    for position, kind in enumerate(columns.values()):
        if kind.upper().startswith(("VARCHAR", "ENUM")):
            _clean_control(connection, staged, position)


def as_text(column: str, kind: str) -> str:
    """SQL for the exact text of a typed value: plain decimals, ISO times with their offset."""
    kind = kind.upper()
    if kind in ("DOUBLE", "FLOAT"):
        plain = f"rtrim(rtrim(({column}::double)::decimal(38, 15)::varchar, '0'), '.')"
        text = f"{column}::varchar"
        return (
            f"case when isnan({column}) then null when {text} like '%e%' and abs({column}) < 1e22 "
            f"then {plain} else {text} end"
        )
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"strftime(timezone('UTC', {column}), '%Y-%m-%d %H:%M:%S.%f') || 'Z'"
    if kind.endswith("[]") or kind.startswith(("STRUCT", "MAP", "LIST", "UNION")):
        return f"to_json({column})::varchar"
    if kind == "BLOB":
        return f"hex({column})"
    return f"{column}::varchar"


def _clean_control(connection: Any, staged: Staged, position: int) -> None:
    """Replace control characters in one column of the stage, with a finding per value."""
    column, where = f"c{position}", f"regexp_matches(c{position}, '{_CONTROL}')"
    found = connection.execute(
        f"select line, {shown_sql(column)} from {staged.table} where {where} order by line"
    ).fetchall()
    if not found:
        return
    connection.execute(
        f"update {staged.table} set {column} = regexp_replace({column}, '{_CONTROL}', chr(65533), 'g') where {where}"
    )
    for line, value in found:
        staged.findings.append(
            Finding(
                rule="text.control",
                level="warning",
                outcome="cleaned",
                file=staged.name,
                line=line,
                column_no=position + 1,
                column_name=staged.headers[position],
                value=json.dumps(value)[1:-1],
                says="holds control characters, which were replaced by U+FFFD",
                remedy="correct the text in the source, if it matters",
            )
        )
