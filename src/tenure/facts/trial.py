"""Rows tried by the checks of an import without importing them: which would be refused, and why."""

from __future__ import annotations

from collections.abc import Sequence

from tenure.facts.connection import connect
from tenure.facts.finding import Finding
from tenure.facts.given import Given
from tenure.facts.known import Known
from tenure.facts.mapping import Mapping
from tenure.facts.prepare import prepare
from tenure.facts.reading import Settings
from tenure.kernel import clock


def refused_of(
    given: Sequence[Given], *, mapping: Mapping | None, settings: Settings, known: Known
) -> list[Finding]:
    """The first finding of each row that would be refused, by file and line.

    Raises:
        SourceError: every file would be refused as a whole. Question: dates can be read two ways.
    """
    with connect() as made:
        prepared = prepare(
            made,
            given,
            mapping=mapping,
            settings=settings,
            loaded_at=clock.now(),
            import_id="",
            known=known,
        )
        rows = made.execute(
            "select rule, file, line, column_name, value, says, remedy "
            f"from {prepared.refused} order by file, line"
        ).fetchall()
    found: dict[tuple[str, int], Finding] = {}
    for rule, file, line, column, value, says, remedy in rows:
        found.setdefault(
            (file, line),
            Finding(
                rule=rule,
                says=says or "",
                remedy=remedy or "",
                file=file,
                line=line,
                column_name=column or "",
                value=value,
            ),
        )
    return list(found.values())
