"""The one door to the readers: by the file's ending, or rows from Python."""

from __future__ import annotations

from typing import Any

from tenure.facts.finding import Stopped
from tenure.facts.given import Given
from tenure.facts.reading import Reading
from tenure.facts.sources.delimited import stage_delimited
from tenure.facts.sources.json_lines import stage_json_lines
from tenure.facts.sources.parquet import stage_parquet
from tenure.facts.sources.rows import stage_rows
from tenure.facts.sources.stage import Staged
from tenure.facts.sql import one_transaction

READERS = {
    ".csv": stage_delimited,
    ".tsv": stage_delimited,
    ".tab": stage_delimited,
    ".txt": stage_delimited,
    ".jsonl": stage_json_lines,
    ".ndjson": stage_json_lines,
    ".parquet": stage_parquet,
}
"""Endings that can be read; each but Parquet may be followed by .gz."""


def stage(connection: Any, given: Given, reading: Reading, *, table: str) -> Staged:
    """The given rows as text on the stage `table`, with their physical lines.

    Raises:
        Stopped: the file is refused as a whole.
    """
    with one_transaction(connection):
        return _stage(connection, given, reading, table)


def _stage(connection: Any, given: Given, reading: Reading, table: str) -> Staged:
    if given.path is None:
        return stage_rows(connection, given, table=table)
    reader = READERS.get(ending(given.file.name))
    if reader is None:
        raise Stopped(
            f"Files that end in `{given.file.suffix}` cannot be read.", code="file.kind",
            file=given.name, remedy="Give CSV, TSV, JSON Lines or Parquet.",
        )  # fmt: skip
    return reader(connection, given, reading, table=table)


def ending(name: str) -> str:
    """The ending that names the format, without .gz, in lower case."""
    plain = name.lower().removesuffix(".gz")
    return plain[plain.rfind(".") :] if "." in plain else ""
