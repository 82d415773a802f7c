"""The things given, without what Tenure does not store: the first step of every import and preview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from arro3.core import Table as ArrowTable

from tenure.facts.finding import Stopped
from tenure.facts.given import Given
from tenure.facts.mapping import Mapping
from tenure.facts.not_stored import kind_named, refused
from tenure.facts.reading import Settings
from tenure.facts.sources.headers import names_in
from tenure.facts.sources.read import stage
from tenure.facts.sources.reduced import Reduced, from_texts
from tenure.facts.time_entries.gathered import in_memory
from tenure.kernel.errors import UserError


def without_refused(
    given: Sequence[Given], *, mapping: Mapping | None, settings: Settings
) -> list[Given]:
    """`given`, where a thing with columns of refused kinds is replaced by what is left of it.

    Such a thing is read once, in memory; what is left carries its findings, and its digest is that of
    the whole, so that the same file is known again.

    Raises:
        UserError: the mapping reads a column of a refused kind.
    """
    return [_without_refused(one, mapping, settings) for one in given]


def _without_refused(given: Given, mapping: Mapping | None, settings: Settings) -> Given:
    claimed = mapping.file_for(given.name) if mapping and given.table is None else None
    if mapping is not None and claimed is not None:
        for column in sorted(claimed[1].columns_read()):
            if kind := kind_named(column):
                raise UserError(
                    f"The mapping {mapping.id} reads `{column}`: {refused()[kind].says}. Tenure does not store these.",
                    where=f"{mapping.id} [files.{claimed[0]}]", code="column.refused",
                    remedy="Take the column out of the mapping; it is dropped without being named.",
                )  # fmt: skip
    if isinstance(given.rows, Reduced) or not any(map(kind_named, names_in(given))):
        return given
    reading = settings.for_file(given.name, claimed[1].reading() if claimed else None)
    with in_memory() as connection:
        try:
            staged = stage(connection, given, reading, table="kept")
        except Stopped as stopped:
            return replace(given, path=None, sheet="", rows=_stopped(stopped))
        if not any(finding.rule == "column.refused" for finding in staged.findings):
            return given
        cells = ArrowTable.from_arrow(connection.sql("from kept order by line"))
    kept = Reduced(
        tuple(staged.headers),
        cells,
        staged.encoding,
        staged.encoding_guessed,
        staged.delimiter,
        tuple(one for one in staged.findings),
        tuple(row.finding for row in staged.refused),
    )
    return replace(given, path=None, sheet="", rows=kept)


def _stopped(stopped: Stopped) -> Reduced:
    return replace(from_texts((), []), stopped=stopped.finding())
