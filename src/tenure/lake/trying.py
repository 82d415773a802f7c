"""What an import would refuse of some rows, found without keeping anything: the same checks, and nothing written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenure.facts.connection import connect
from tenure.facts.given import Given
from tenure.facts.prepare import prepare
from tenure.facts.reading import Settings
from tenure.kernel import clock
from tenure.kernel.errors import SourceError
from tenure.lake.known import KnownFacts
from tenure.lake.lake import Lake
from tenure.lake.snapshots import Snapshot

SAID = ("line", "table_name", "column_name", "value", "says", "remedy")


def would_refuse(
    lake: Lake, given: Sequence[Given], settings: Settings, snapshot: Snapshot
) -> list[dict[str, Any]]:
    """Every refusal; none where all rows would be taken in.

    Each is a mapping with `line` (the row's number, 1 = first), `table_name`, `column_name`, `value`, `says`, `remedy`.
    """
    with connect(threads=1) as connection:
        try:
            prepared = prepare(
                connection,
                given,
                mapping=None,
                settings=settings,
                loaded_at=clock.now(),
                import_id="trying",
                known=KnownFacts(lake, snapshot),
            )
        except SourceError as error:
            return [dict.fromkeys(SAID, "") | {"says": error.what, "remedy": error.remedy}]
        found = connection.execute(
            f"select {', '.join(SAID)} from {prepared.findings} where outcome = 'refused' order by line"  # noqa: S608 - our own names
        ).fetchall()
    return [dict(zip(SAID, row, strict=True)) for row in found]
