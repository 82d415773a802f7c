"""Deliveries of people's time, turned into weekly totals in memory before anything else sees them (trust T1).

What leaves here: person, week, category, account, minutes; and remarks that repeat no content.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tenure.facts.given import Given
from tenure.facts.mapping import Mapping
from tenure.facts.sources.read import EXPORT_ENDING, ending
from tenure.facts.time_entries.categories import OWN_FILE, Classifier, classifier
from tenure.facts.time_entries.gathered import ENTRIES, TOTALS, Gathered, Surroundings
from tenure.kernel.errors import UserError


def as_totals(given: Sequence[Given], around: Surroundings) -> list[Given]:
    """`given` with every delivery of time replaced by its totals, the others untouched.

    Intervals of all deliveries are added up together, so that what two files or two computers of a
    person share counts once. Nothing is read from, or written to, any disk but the files given.

    Raises:
        Question: dates that can be read two ways. UserError: whose time it is, is not said.
    """
    time = [one for one in given if is_of_time(one, around.mapping)]
    if not time:
        return list(given)
    chosen = {id(one) for one in time}
    gathered = Gathered(around)
    tables = []
    for one in time:
        if one.path is not None and ending(one.path.name) == EXPORT_ENDING:
            gathered.read_export(one)
        else:
            tables.append(one)
    if tables:
        gathered.read_tables(tables, _looked_up(tables, given, around.mapping))
    rest = [one for one in given if id(one) not in chosen]
    return [*rest, *gathered.entries_given(), *gathered.totals_given()]


def is_of_time(given: Given, mapping: Mapping | None) -> bool:
    """Whether `given` brings people's time.

    Raises:
        UserError: its mapping also feeds other tables from the same file.
    """
    if given.table is not None:
        return given.table in (ENTRIES, TOTALS)
    claimed = mapping.file_for(given.name) if mapping else None
    fed = {canonical.id for canonical, _ in claimed[1].targets()} if claimed else set()
    if fed & {ENTRIES, TOTALS} and len(fed) > 1:
        raise UserError(
            f"The mapping feeds {', '.join(sorted(fed))} from `{given.name}`, a file of people's time.",
            remedy=f"A file of time feeds {ENTRIES} or {TOTALS} alone; take the rest from another file.",
            code="mapping.time",
        )
    return bool(fed & {ENTRIES, TOTALS})


def _looked_up(
    time: Sequence[Given], given: Sequence[Given], mapping: Mapping | None
) -> list[Given]:
    """The other files in which the mapping looks values of `time` up."""
    if mapping is None:
        return []
    claimed = [mapping.file_for(one.name) for one in time if one.table is None]
    keys = mapping.goes_with({found[0] for found in claimed if found})
    found = []
    for one in given:
        own = mapping.file_for(one.name) if one.table is None else None
        if own is not None and own[0] in keys and not is_of_time(one, mapping):
            found.append(one)
    return found


def words_of(folder: Path) -> Callable[[], Classifier]:
    """The words for programs of the workspace in `folder`, read when they are needed."""
    return lambda: classifier(folder / "catalogue" / OWN_FILE)
