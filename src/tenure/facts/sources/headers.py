"""The column names a delivery may have, seen without reading its rows: at least the true ones, perhaps more."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from tenure.facts.connection import connect
from tenure.facts.finding import Stopped
from tenure.facts.given import Given
from tenure.facts.sources.reduced import Reduced
from tenure.facts.sql import literal

_CHUNK = 1 << 20
_OVERLAP = 400
_KEY = re.compile(rb'"((?:[^"\\]|\\.){1,200}?)"\s*:')
_HEAD = 1 << 16


def names_in(given: Given) -> set[str]:
    """Names that may be columns of `given`; empty where it cannot be read, which is said elsewhere."""
    if given.path is None:
        return _of_rows(given.rows)
    name = given.path.name.lower().removesuffix(".gz")
    try:
        if name.endswith(".parquet"):
            return _of_parquet(given.path)
        if name.endswith((".xlsx", ".xlsm")):
            return _of_sheet(given)
        if name.endswith((".jsonl", ".ndjson")):
            return _of_json_lines(given.path)
        return _of_text(given.path)
    except (OSError, EOFError, gzip.BadGzipFile, duckdb.Error, Stopped):
        return set()


def _of_rows(rows: Any) -> set[str]:
    if isinstance(rows, Reduced):
        return set(rows.headers)
    if hasattr(rows, "columns") and hasattr(rows, "iloc"):
        return {str(name) for name in rows.columns}
    if hasattr(rows, "schema"):
        return {str(name) for name in rows.schema.names}
    return {str(name) for row in rows if isinstance(row, Mapping) for name in row}


def _of_parquet(path: Path) -> set[str]:
    with connect(threads=1) as connection:
        found = connection.execute(f"describe select * from read_parquet({literal(str(path))})")
        return {str(row[0]) for row in found.fetchall()}


def _of_sheet(given: Given) -> set[str]:
    from tenure.facts.sources.xlsx import headers_of

    return set(headers_of(given))


def _of_json_lines(path: Path) -> set[str]:
    """Every key of the file, nested ones too."""
    found: set[bytes] = set()
    rest = b""
    for chunk in _chunks(path):
        found.update(_KEY.findall(rest + chunk))
        rest = chunk[-_OVERLAP:]
    return {key.decode("utf-8", "replace") for key in found}


def _of_text(path: Path) -> set[str]:
    """The pieces of the header, or of what is before a quote closes, between any of the signs that part cells."""
    head = next(_chunks(path), b"")[:_HEAD]
    wide = head[:200].count(0) > 20
    texts = [head.decode("utf-16" if wide else "utf-8", "replace")]
    if wide:
        texts += [head.decode(order, "replace") for order in ("utf-16-le", "utf-16-be")]
    found: set[str] = set()
    for text in texts:
        found.update(piece.strip(" \t\n\"'") for piece in re.split(r"[,;\t|]", _first_record(text)))
    return found


def _first_record(text: str) -> str:
    """The first line that holds anything, and those after it as long as a quote is open."""
    lines = re.split(r"\r\n|\r|\n", text.lstrip("\ufeff \t\r\n"))
    record = lines[0]
    for line in lines[1:]:
        if record.count('"') % 2 == 0:
            break
        record += f"\n{line}"
    return record


def _chunks(path: Path) -> Iterator[bytes]:
    packed = path.name.lower().endswith(".gz")
    with gzip.open(path) if packed else path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield bytes(chunk)
