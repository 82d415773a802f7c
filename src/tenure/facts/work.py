"""The tables an import works on while it is prepared, and the few statements that fill them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tenure.facts.finding import (
    FINDING_COLUMNS,
    QUARANTINE_COLUMNS,
    Finding,
    create,
    stamp,
    store,
)
from tenure.facts.known import Known
from tenure.facts.reading import Settings
from tenure.facts.sql import ident, literal
from tenure.facts.table import Table

SHOWN_EACH = 100
"""How many cleaned or doubtful values of one column and rule are listed one by one."""


@dataclass(frozen=True, slots=True)
class Work:
    """One import being prepared: its connection, its identity and the names of its tables.

    `bad` holds (file, line) of rows refused by any target; `repeated` (file, line, table) of rows
    that say again what another row says; `taken` (file, line) of rows that feed any table.
    """

    connection: Any
    import_id: str
    loaded_at: datetime
    settings: Settings
    known: Known
    source: str
    findings: str = "import_findings"
    refused: str = "import_refused"
    bad: str = "import_bad"
    repeated: str = "import_repeated"
    taken: str = "import_taken"

    def begin(self) -> None:
        """Create the tables, empty."""
        create(self.connection, self.findings, FINDING_COLUMNS)
        create(self.connection, self.refused, QUARANTINE_COLUMNS)
        create(self.connection, self.bad, {"file": "VARCHAR", "line": "BIGINT"})
        create(self.connection, self.taken, {"file": "VARCHAR", "line": "BIGINT"})
        create(
            self.connection,
            self.repeated,
            {"file": "VARCHAR", "line": "BIGINT", "table_name": "VARCHAR"},
        )

    def prepared(self, table: str) -> str:
        """The name of the table that collects rows of the canonical `table`."""
        return f"prepared_{table}"

    def note(self, findings: Sequence[Finding], *, about: str = "") -> None:
        """Keep `findings`; `about` names the table they are all about, where they do not say so."""
        store(
            self.connection,
            self.findings,
            findings,
            import_id=self.import_id,
            found_at=self.loaded_at,
            about=about,
        )

    def note_rows(self, like: Finding, rows: str) -> None:
        """Keep one finding per row of the query `rows`, else as `like`.

        `rows` gives some of the columns file, line, column_no, column_name, value, says, remedy.
        """
        given = [
            d[0] for d in self.connection.execute(f"select * from ({rows}) limit 0").description
        ]
        names, values = [], []
        for name in FINDING_COLUMNS:
            names.append(ident(name))
            if name == "import_id":
                values.append(literal(self.import_id))
            elif name == "found_at":
                values.append(f"timestamp {literal(stamp(self.loaded_at))}")
            elif name in given:
                values.append(f"r.{ident(name)}")
            else:
                value = getattr(like, name)
                values.append(str(value) if isinstance(value, int) else literal(value))
        self.connection.execute(
            f"insert into {self.findings} ({', '.join(names)}) "
            f"select {', '.join(values)} from ({rows}) r"
        )

    def count(self, query: str) -> int:
        """The one whole number that `query` gives."""
        return int(self.connection.execute(query).fetchone()[0])

    def ensure(self, table: Table) -> None:
        """Create the table that collects rows of `table`, if this import has none yet."""
        body = ", ".join(f"{ident(name)} {kind}" for name, kind in table.sql_columns().items())
        self.connection.execute(f"create table if not exists {self.prepared(table.id)} ({body})")
