"""The one door to the readers: by the file's ending, or rows from Python."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as changed
from typing import Any

from tenure.facts.finding import RefusedRow, Stopped
from tenure.facts.given import Given
from tenure.facts.not_stored import dropped_finding, kind_named
from tenure.facts.reading import Reading
from tenure.facts.sources.delimited import stage_delimited
from tenure.facts.sources.json_lines import stage_json_lines
from tenure.facts.sources.parquet import stage_parquet
from tenure.facts.sources.reduced import Reduced, stage_reduced
from tenure.facts.sources.rows import stage_rows
from tenure.facts.sources.stage import Staged

Reader = Callable[..., Staged]

WORKBOOKS = (".xlsx", ".xlsm")
OTHER_WORKBOOKS = (".xls", ".xlsb", ".ods")
"""Endings of workbooks that cannot be read, so that they are refused with the way out, not passed over."""


def _workbook(connection: Any, given: Given, reading: Reading, *, table: str) -> Staged:
    from tenure.facts.sources.xlsx import stage_xlsx  # a library that CSV need not wait for

    return stage_xlsx(connection, given, reading, table=table)


def _other_workbook(connection: Any, given: Given, reading: Reading, *, table: str) -> Staged:
    del connection, reading, table
    raise Stopped(
        f"Workbooks that end in `{given.file.suffix}` cannot be read.", code="file.kind",
        file=given.name, remedy="Open it and save it as .xlsx, or export the sheets as CSV.",
    )  # fmt: skip


EXPORT_ENDING = ".json"
"""The ending of a time tracker's export, which is summed up in memory and never staged."""

READERS: dict[str, Reader] = {
    ".csv": stage_delimited,
    ".tsv": stage_delimited,
    ".tab": stage_delimited,
    ".txt": stage_delimited,
    ".jsonl": stage_json_lines,
    ".ndjson": stage_json_lines,
    ".parquet": stage_parquet,
    **dict.fromkeys(WORKBOOKS, _workbook),
    **dict.fromkeys(OTHER_WORKBOOKS, _other_workbook),
}
"""Endings that can be read; those of text may be followed by .gz."""


def stage(connection: Any, given: Given, reading: Reading, *, table: str) -> Staged:
    """The given rows as text on the stage `table`, with their physical lines.

    Columns that hold what Tenure does not store are taken off again, and named.

    Raises:
        Stopped: the file is refused as a whole.
    """
    try:
        staged = _stage(connection, given, reading, table)
    except Stopped:
        connection.execute(f"drop table if exists {table}")
        raise
    _drop_refused_kinds(connection, staged)
    return staged


def _stage(connection: Any, given: Given, reading: Reading, table: str) -> Staged:
    if isinstance(given.rows, Reduced):
        return stage_reduced(connection, given, table=table)
    if given.path is None:
        return stage_rows(connection, given, table=table)
    reader = READERS.get(ending(given.file.name))
    if reader is None:
        raise Stopped(
            f"Files that end in `{given.file.suffix}` cannot be read.", code="file.kind",
            file=given.name, remedy="Give CSV, TSV, JSON Lines, Parquet or XLSX.",
        )  # fmt: skip
    return reader(connection, given, reading, table=table)


def ending(name: str) -> str:
    """The ending that names the format, without .gz, in lower case."""
    plain = name.lower().removesuffix(".gz")
    return plain[plain.rfind(".") :] if "." in plain else ""


def _drop_refused_kinds(connection: Any, staged: Staged) -> None:
    """Take columns of refused kinds off the stage, and whatever was said of their content."""
    kinds = [kind_named(header) for header in staged.headers]
    gone = [header for header, kind in zip(staged.headers, kinds, strict=True) if kind]
    if not gone:
        return
    kept = [i for i, kind in enumerate(kinds) if not kind]
    columns = "".join(f", c{old} as c{new}" for new, old in enumerate(kept))
    connection.execute(
        f"create or replace table {staged.table} as select line{columns} from {staged.table}"
    )
    staged.headers = [staged.headers[i] for i in kept]
    # A row that did not fit the header may hold anything anywhere, and so may a sample of the text.
    staged.refused = [RefusedRow(changed(row.finding, value=None), "{}") for row in staged.refused]
    staged.findings = [
        changed(finding, value=None)
        if finding.outcome == "refused" or finding.rule == "encoding.guessed"
        else finding
        for finding in staged.findings
        if finding.outcome == "refused" or finding.column_name not in gone
    ]
    staged.findings.append(dropped_finding(gone, file=staged.name))
