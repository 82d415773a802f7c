"""Imports files written on the spot, and shows what became of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tenure.facts import prepare as facts
from tenure.facts.discover import discover
from tenure.facts.known import NothingKnown
from tenure.facts.mapping import Mapping as SourceMapping
from tenure.facts.table import table

LOADED_AT = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Imported:
    """One prepared import, ready to be asked."""

    connection: Any
    prepared: facts.Prepared

    def findings(self, rule: str = "") -> list[dict[str, Any]]:
        found = self._dicts(f"select * from {self.prepared.findings} order by rowid")
        return [finding for finding in found if not rule or finding["rule"] == rule]

    def rules(self) -> list[str]:
        return [finding["rule"] for finding in self.findings()]

    def refused(self) -> list[dict[str, Any]]:
        return self._dicts(f"select * from {self.prepared.refused} order by file, line")

    def rows(self, name: str) -> list[dict[str, Any]]:
        return self._dicts(
            f"select * from {self.prepared.tables[name]} order by source_file, source_line"
        )

    def column(self, name: str, column: str) -> list[Any]:
        return [row[column] for row in self.rows(name)]

    def file(self, name: str) -> facts.FileSummary:
        return next(file for file in self.prepared.files if file.name == name)

    def _dicts(self, query: str) -> list[dict[str, Any]]:
        cursor = self.connection.execute(query)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture
def connection() -> Iterator[Any]:
    with duckdb.connect() as opened:
        opened.execute("set threads = 2")
        yield opened


Import = Callable[..., Imported]


def import_files(
    folder: Path,
    connection: Any,
    files: Mapping[str, str | bytes],
    *,
    mapping: SourceMapping | None = None,
    settings: facts.Settings | None = None,
    known: Any = None,
    loaded_at: datetime = LOADED_AT,
) -> Imported:
    """Import files given as {name: text or bytes} from `folder`."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    found = discover(folder, mapping)
    prepared = facts.prepare(
        connection,
        found.given,
        mapping=mapping,
        settings=settings or facts.Settings(),
        loaded_at=loaded_at,
        import_id="import-1",
        known=known or NothingKnown(),
        findings=found.findings,
    )
    result = Imported(connection, prepared)
    holds_its_shape(result)
    return result


@pytest.fixture
def imported(tmp_path: Path, connection: Any) -> Import:
    """Import files given as {name: text or bytes} from a folder of their own."""

    def run(files: Mapping[str, str | bytes], **how: Any) -> Imported:
        return import_files(tmp_path, connection, files, **how)

    return run


@pytest.fixture(scope="module")
def imported_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Import]:
    """As `imported`, for what several tests of a module only read."""
    opened = []

    def run(files: Mapping[str, str | bytes], **how: Any) -> Imported:
        connection = duckdb.connect()
        connection.execute("set threads = 2")
        opened.append(connection)
        return import_files(tmp_path_factory.mktemp("given"), connection, files, **how)

    yield run
    for connection in opened:
        connection.close()


@pytest.fixture
def given(connection: Any) -> Import:
    """Import rows from Python as {table: rows}."""

    def run(tables: Mapping[str, object], **settings: Any) -> Imported:
        prepared = facts.prepare(
            connection,
            [facts.from_rows(name, rows) for name, rows in tables.items()],
            mapping=None,
            settings=facts.Settings(**settings),
            loaded_at=LOADED_AT,
            import_id="import-1",
            known=NothingKnown(),
        )
        result = Imported(connection, prepared)
        holds_its_shape(result)
        return result

    return run


def holds_its_shape(result: Imported) -> None:
    """What is true of every import: the columns promised, distinct keys, counts that add up."""
    for name, prepared in result.prepared.tables.items():
        canonical = table(name)
        described = result.connection.execute(f"describe {prepared}").fetchall()
        assert {column: kind for column, kind, *_ in described} == canonical.sql_columns()
        assert [column for column, *_ in described] == list(canonical.sql_columns())
        keys = [tuple(row[k] for k in canonical.key) for row in result.rows(name)]
        assert len(keys) == len(set(keys))
    for file in result.prepared.files:
        assert file.rows == file.accepted + file.repeats + file.refused + file.left_out
        lines = [row["line"] for row in result.refused() if row["file"] == file.name]
        assert len(lines) == len(set(lines)) == (file.refused if not file.stopped else 0)
