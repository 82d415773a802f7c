"""Findings: what was wrong, where, and what to do; and the rows that were refused for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from tenure.facts.sql import append, ident
from tenure.kernel.errors import SourceError

Level = Literal["error", "warning", "notice"]
Outcome = Literal["refused", "cleaned", "warning", "notice"]

FINDING_COLUMNS: dict[str, str] = {
    "import_id": "VARCHAR",
    "level": "VARCHAR",
    "rule": "VARCHAR",
    "table_name": "VARCHAR",
    "file": "VARCHAR",
    "line": "BIGINT",  # physical line, header = 1; null where the finding is about a whole file
    "column_no": "BIGINT",  # position in the file, 1 = first
    "column_name": "VARCHAR",
    "value": "VARCHAR",
    "says": "VARCHAR",
    "remedy": "VARCHAR",
    "outcome": "VARCHAR",
    "found_at": "TIMESTAMP",
}

QUARANTINE_COLUMNS: dict[str, str] = {
    "import_id": "VARCHAR",
    "file": "VARCHAR",
    "line": "BIGINT",
    "table_name": "VARCHAR",
    "row": "VARCHAR",  # JSON object: original header -> original text
    "rule": "VARCHAR",
    "column_name": "VARCHAR",
    "value": "VARCHAR",
    "says": "VARCHAR",
    "remedy": "VARCHAR",
    "refused_at": "TIMESTAMP",
}

VALUE_LENGTH = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One remark about the data: a refused or cleaned value, a warning about a file, a notice."""

    rule: str
    says: str
    remedy: str = ""
    level: Level = "error"
    outcome: Outcome = "refused"
    table_name: str = ""
    file: str = ""
    line: int | None = None
    column_no: int | None = None
    column_name: str = ""
    value: str | None = None

    def place(self) -> str:
        """`file:line:column`, as far as they are known."""
        parts = (self.file, self.line, self.column_no)
        return ":".join(str(part) for part in parts if part not in (None, ""))


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A source row that could not even be staged, with its text by header."""

    finding: Finding
    row: str


class Stopped(SourceError):
    """A whole file is refused; nothing of it was imported. Becomes a finding of the import."""

    def __init__(
        self, what: str, *, code: str, remedy: str, file: str, line: int | None = None
    ) -> None:
        """Keep file and line, so that the finding can name them."""
        where = file if line is None else f"{file}:{line}"
        super().__init__(what, remedy=remedy, where=where, code=code)
        self.file, self.line = file, line

    def finding(self) -> Finding:
        """The same as a finding."""
        return Finding(
            rule=self.code, says=self.what, remedy=self.remedy, file=self.file, line=self.line
        )


def shown(value: str | None) -> str | None:
    """`value` as a finding shows it: at most 200 characters, control characters as escapes."""
    if value is None:
        return None
    return _CONTROL.sub(_escaped, value[:VALUE_LENGTH])[:VALUE_LENGTH]


def _escaped(match: re.Match[str]) -> str:
    code = ord(match.group())
    named = {9: "\\t", 10: "\\n", 13: "\\r"}
    return named.get(code) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")


def shown_sql(expression: str) -> str:
    """As `shown`, in SQL: text from the stage holds no control characters but tab and line ends."""
    text = f"left({expression}, {VALUE_LENGTH})"
    for raw, escape in (("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = f"replace({text}, '{raw}', '{escape}')"
    return f"left({text}, {VALUE_LENGTH})"


def create(connection: Any, table: str, columns: dict[str, str]) -> None:
    """An empty DuckDB table with `columns`."""
    body = ", ".join(f"{ident(name)} {kind}" for name, kind in columns.items())
    connection.execute(f"create or replace table {table} ({body})")


def store(
    connection: Any,
    table: str,
    findings: Sequence[Finding],
    *,
    import_id: str,
    found_at: datetime,
    about: str = "",
) -> None:
    """Append `findings` to the findings table `table`; `about` names the table they are all about."""
    if not findings:
        return
    names = [n for n in FINDING_COLUMNS if n not in ("import_id", "found_at", "value")]
    columns: dict[str, list[Any]] = {n: [getattr(f, n) for f in findings] for n in names}
    if about:
        columns["table_name"] = [about] * len(findings)
    columns["value"] = [shown(finding.value) for finding in findings]
    columns["import_id"] = [import_id] * len(findings)
    columns["found_at"] = [stamp(found_at)] * len(findings)
    append(connection, table, columns)


def store_refused(
    connection: Any,
    table: str,
    rows: Sequence[RefusedRow],
    *,
    import_id: str,
    found_at: datetime,
    about: str = "",
) -> None:
    """Append rows that never reached the stage to the quarantine table `table`; `about` as in `store`."""
    if not rows:
        return
    names = ["file", "line", "table_name", "rule", "column_name", "says", "remedy"]
    columns: dict[str, list[Any]] = {n: [getattr(r.finding, n) for r in rows] for n in names}
    if about:
        columns["table_name"] = [about] * len(rows)
    columns["value"] = [shown(row.finding.value) for row in rows]
    columns["row"] = [row.row for row in rows]
    columns["import_id"] = [import_id] * len(rows)
    columns["refused_at"] = [stamp(found_at)] * len(rows)
    append(connection, table, columns)


def stamp(moment: datetime) -> str:
    """`moment` as the text of a naive UTC timestamp, which DuckDB casts on insert."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
