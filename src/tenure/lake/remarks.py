"""What imports found and refused, read back for a person: findings, and rows to correct and import again."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from tenure.facts.finding import QUARANTINE_COLUMNS
from tenure.facts.fix import write_fix
from tenure.facts.sql import ident
from tenure.lake.engines.duckdb import Engine

GRAVEST_FIRST = "level = 'error' desc, level = 'warning' desc"


def findings(
    engine: Engine, import_id: str, *, level: str | None, limit: int
) -> list[dict[str, Any]]:
    """Findings of one import, errors first, then by file and line."""
    return _asked(
        engine,
        "select level, rule, table_name, file, line, column_no, column_name, value, says, remedy, outcome "
        "from findings where import_id = $import and ($level is null or level = $level) "
        f"order by {GRAVEST_FIRST}, file, line, column_no limit $limit",
        {"import": import_id, "level": level, "limit": limit},
    )


def findings_by_rule(engine: Engine, import_id: str) -> list[dict[str, Any]]:
    """The first finding of each rule, file and column, with their `count`; gravest and most frequent first."""
    first = ", ".join(
        f"arg_min({column}, coalesce(line, 0)) as {column}"
        for column in ("level", "table_name", "column_no", "value", "says", "remedy")
    )
    return _asked(
        engine,
        f"select * from (select rule, file, column_name, min(line) as line, count(*) as count, {first} "
        "from findings where import_id = $import group by rule, file, column_name) "
        f"order by {GRAVEST_FIRST}, count desc, file, column_name",
        {"import": import_id},
    )


def _asked(engine: Engine, query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    if "findings" not in engine.snapshot.tables:
        return []
    names = list(engine.columns(query, values))
    return [dict(zip(names, row, strict=True)) for row in engine.rows(query, values)]


def refused(engine: Engine, import_id: str) -> dict[str, str]:
    """The refused rows of one import by source file, as CSV text: original columns, then three of explanation."""
    if "quarantine" not in engine.snapshot.tables:
        return {}
    columns = ", ".join(ident(column) for column in QUARANTINE_COLUMNS)
    by_file: dict[str, list[dict[str, Any]]] = {}
    for row in engine.rows(
        f"select {columns} from quarantine where import_id = $import order by file, line",
        {"import": import_id},
    ):
        found = dict(zip(QUARANTINE_COLUMNS, row, strict=True))
        by_file.setdefault(found["file"], []).append(found)
    texts = {}
    for name, own in by_file.items():
        out = io.StringIO(newline="")
        write_fix(own, out)
        texts[name] = out.getvalue()
    return texts


def quarantined(engine: Engine) -> list[tuple[str, str, int]]:
    """Every refused row ever: import id, file and line, in the order of imports' ids, files and lines."""
    if "quarantine" not in engine.snapshot.tables:
        return []
    rows = engine.rows(
        "select distinct import_id, file, line from quarantine where line is not null order by all"
    )
    return [(import_id, file, int(line)) for import_id, file, line in rows]


def quarantined_rows(
    engine: Engine, import_id: str, file: str, lines: Sequence[int]
) -> list[dict[str, Any]]:
    """Refused rows of one file of an import, by line, each with the first thing that was wrong with it."""
    if "quarantine" not in engine.snapshot.tables or not lines:
        return []
    columns = ", ".join(ident(column) for column in QUARANTINE_COLUMNS)
    found = engine.rows(
        f"select {columns} from quarantine where import_id = $import and file = $file "
        f"and line in ({', '.join(str(int(line)) for line in lines)}) order by line",
        {"import": import_id, "file": file},
    )
    by_line: dict[int, dict[str, Any]] = {}
    for row in found:
        held = dict(zip(QUARANTINE_COLUMNS, row, strict=True))
        by_line.setdefault(int(held["line"]), held)
    return list(by_line.values())
