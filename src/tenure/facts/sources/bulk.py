"""Large delimited files: the engine splits the lines that can be read in one way only, all at once.

A line is plain when it holds no quote and no control character; the cells of a plain line are what stands
between its delimiters, whoever reads it. A line with quotes is read here too where every cell is either
free of quotes or wholly inside them, each quote of its text doubled. The numbers of all other lines
(too few or too many cells, stray quotes, control characters, bytes that do not fit, quotes open at the end
of the line) go back to the reader that goes line by line: it alone decides about them, in its own words.

What the engine takes for lines is held against lines counted here; where they differ, nothing is used.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from tenure.facts.finding import Stopped
from tenure.facts.given import Given, file_digest
from tenure.facts.sources.content import contents, is_packed
from tenure.facts.sources.encoding import Encoding, decoded
from tenure.facts.sources.stage import Staged
from tenure.facts.sources.survey import (
    BETWEEN,
    NoTable,
    NotPlain,
    Survey,
    rewritten,
    surveyed,
)
from tenure.facts.sql import literal

SMALLEST = 1 << 20
"""Bytes of a file that is worth the engine's attention."""

REWRITTEN = "lines-"
"""How the folder of a file that had to be written out plainly begins; a kill leaves it behind."""

UNEVEN_SHARE = 0.5
"""Where more lines than this need the reader that goes line by line, it reads all of them."""

_CONTROL = r"[\x00-\x08\x0e-\x1f\x7f\x{80}-\x{9f}]"
_INNER, _DOUBLED = "\x01", "\x02"  # stand for a delimiter and a quote inside quotes
_PLAIN, _BARE, _QUOTED, _UNEVEN = range(4)


def stage_plain_lines(
    connection: Any, given: Given, encoding: Encoding, staged: Staged, *, below: int
) -> list[int] | None:
    """Put what can be read in one way only on the stage; the numbers of the lines left to be read.

    Args:
        connection: the DuckDB connection of the import.
        given: the file.
        encoding: how its text is encoded.
        staged: where to; its headers are known, its rows are counted up.
        below: the number of the header's last line.

    Returns:
        Line numbers in order; None where nothing was staged, because the file is small, or of a kind
        that the engine reads otherwise, or one that must be refused as a whole.
    """
    if given.file.stat().st_size < SMALLEST or not _ordinary(staged.delimiter):
        return None
    raw = f"raw_{staged.table}"
    try:
        with _readable(connection, given, encoding) as (path, survey):
            _read(connection, raw, path, survey, staged.delimiter)
            if path == given.file and file_digest(path) != given.digest:
                return None
    except (Stopped, NoTable, duckdb.InvalidInputException):
        return None  # the other reader says what is wrong, in the order of the file
    numbered = _numbered(connection, raw)
    if not _as_counted(connection, numbered, survey):
        return None
    uneven = _split(connection, numbered, staged, below=below, quotes=survey.quotes)
    connection.execute(f"drop table {raw}")
    if len(uneven) > (survey.lines - below) * UNEVEN_SHARE:
        return None
    staged.rows = _count(connection, staged.table)
    return uneven


def take_back(connection: Any, staged: Staged, lines: Sequence[int]) -> None:
    """Take lines off the stage that turned out to be inside a quoted value."""
    if lines:
        ((gone,),) = connection.execute(
            f"delete from {staged.table} where line in (select unnest($1::bigint[]))", [list(lines)]
        ).fetchall()
        staged.rows -= gone


def _ordinary(delimiter: str) -> bool:
    return delimiter != '"' and (delimiter.isprintable() or delimiter == "\t")


@contextmanager
def _readable(connection: Any, given: Given, encoding: Encoding) -> Iterator[tuple[Path, Survey]]:
    """A file of UTF-8 with lines that end alike, and what stands in it: the given one, or a copy."""
    if encoding.name == "utf-8" and not is_packed(given.file):
        try:
            survey = surveyed(contents(given.file, name=given.name))
        except NotPlain:
            pass
        else:
            yield given.file, survey
            return
    with tempfile.TemporaryDirectory(prefix=REWRITTEN, dir=_spill(connection)) as folder:
        path = Path(folder) / "lines.txt"
        texts = decoded(
            contents(given.file, name=given.name, digest=given.digest), encoding.name, []
        )
        with path.open("wb") as out:
            survey = rewritten(texts, out)
        yield path, survey


def _spill(connection: Any) -> str | None:
    """The folder for what does not fit in memory, if the import has one.

    Raises:
        NoTable: the connection may write nowhere, so there can be no copy.
    """
    ((folder,),) = connection.execute("select current_setting('temp_directory')").fetchall()
    if folder == "":
        raise NoTable
    return folder if folder and Path(folder).is_dir() else None


def _read(connection: Any, raw: str, path: Path, survey: Survey, delimiter: str) -> None:
    """Every line of the file as it stands, in order, with its kind."""
    connection.execute(
        f"create or replace table {raw} as select l, {_kind(survey, delimiter)}::utinyint as kind "
        f"from read_csv({literal(str(path))}, columns = {{'l': 'VARCHAR'}}, auto_detect = false, "
        f"header = false, compression = 'none', delim = {literal(BETWEEN)}, quote = '', escape = '', comment = '')"
    )


def _kind(survey: Survey, delimiter: str) -> str:
    """SQL for the kind of the line `l`."""
    cases = []
    if survey.odd:
        cases.append(f"when regexp_matches(l, '{_CONTROL}') then {_UNEVEN}")
    if survey.quotes:
        bare, quoted = (_line_of(cell) for cell in _cells(delimiter))
        cases += [
            f"when not contains(l, '\"') then {_PLAIN}",
            f"when regexp_full_match(l, '{bare}') then {_BARE}",
            f"when regexp_full_match(l, '{quoted}') then {_QUOTED}",
            f"else {_UNEVEN}",
        ]
    elif cases:
        cases.append(f"else {_PLAIN}")
    return f"case {' '.join(cases)} end" if cases else str(_PLAIN)


def _cells(delimiter: str) -> Iterator[tuple[str, str]]:
    """Patterns of a cell, with the delimiter's: quotes around harmless text, and around any text."""
    sign = f"\\x{{{ord(delimiter):x}}}"
    free = f'[^"{sign}]*'
    yield f'(?:{free}|"{free}")', sign
    yield f'(?:{free}|"(?:[^"]|"")*")', sign


def _line_of(cell: tuple[str, str]) -> str:
    pattern, sign = cell
    return f"{pattern}(?:{sign}{pattern})*"


def _numbered(connection: Any, raw: str) -> str:
    """The lines with their physical numbers, as a relation."""
    ((first,),) = connection.execute(f"select min(rowid) from {raw}").fetchall()
    # The engine numbers rows as they were inserted, from 0, or from far up inside a transaction.
    return f"(select rowid - {(first or 0) - 1} as line, l, kind from {raw})"


def _as_counted(connection: Any, numbered: str, survey: Survey) -> bool:
    """Whether the engine found the lines that were counted, each in its place."""
    if _count(connection, numbered) != survey.lines:
        return False
    found = connection.execute(
        f"select line, coalesce(l, '') from {numbered} where line in (select unnest($1::bigint[]))",
        [list(survey.anchors)],
    ).fetchall()
    return dict(found) == survey.anchors


def _count(connection: Any, table: str) -> int:
    # All of it: after `fetchone` the connection counts as busy, and the next file may bring rows of its own to it.
    ((count,),) = connection.execute(f"select count(*) from {table}").fetchall()
    return int(count)


def _split(
    connection: Any, numbered: str, staged: Staged, *, below: int, quotes: bool
) -> list[int]:
    """Put the cells of every line with as many as there are columns on the stage; the numbers of the rest.

    Lines up to `below`, and blank ones, are neither.
    """
    width, sign = len(staged.headers), literal(staged.delimiter)
    cells = [f"p[{i + 1}]" for i in range(width)]
    if quotes:
        cells = [
            f"case when kind = {_QUOTED} then {_unmasked(p, sign)} else {p} end" for p in cells
        ]
    listed = ", ".join(f"{cell} as c{i}" for i, cell in enumerate(cells))
    text = _divisible(sign) if quotes else f"case when kind = {_PLAIN} then l end"
    # Leaving lines out between splitting and storing would take half as long again, and so would taking
    # them off in one transaction with the storing.
    connection.execute(
        f"create or replace table {staged.table} as select line, {listed}, case when line > {below} "
        f"and l is not null then coalesce(len(p) = {width}, false) end as fits "
        f"from (select line, l, kind, string_split({text}, {sign}) as p from {numbered})"
    )
    rest = connection.execute(
        f"select line from {staged.table} where not fits order by 1"
    ).fetchall()
    connection.execute(f"delete from {staged.table} where fits is not true")
    connection.execute(f"alter table {staged.table} drop column fits")
    return [line for (line,) in rest]


def _divisible(sign: str) -> str:
    """SQL for a line without its quotes, where the delimiters left are those between cells; else null."""
    return (
        f"case kind when {_PLAIN} then l when {_BARE} then replace(l, '\"', '') "
        f"when {_QUOTED} then {_masked(sign)} end"
    )


def _masked(sign: str) -> str:
    """SQL for a line of quoted cells without the quotes: every second part between them was inside.

    Nothing between two quotes, neither first nor last, was a doubled one.
    """
    parts = "string_split(l, '\"')"
    return (
        f"array_to_string(list_transform({parts}, lambda part, i: case when i % 2 = 0 "
        f"then replace(part, {sign}, {literal(_INNER)}) "
        f"when part = '' and i > 1 and i < len({parts}) then {literal(_DOUBLED)} else part end), '')"
    )


def _unmasked(cell: str, sign: str) -> str:
    return f"replace(replace({cell}, {literal(_INNER)}, {sign}), {literal(_DOUBLED)}, '\"')"
