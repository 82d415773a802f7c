"""A mapping arranged by hand: begun from a guess, then changed column by column, each step a new mapping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tenure.facts.checks.words import squeezed
from tenure.facts.draft import file_keys, pattern_of
from tenure.facts.mapping import MappedFile, Take, Target, Value, as_take, read_mapping
from tenure.facts.mapping import Mapping as SourceMapping
from tenure.facts.mapping_text import mapping_text
from tenure.facts.suggest import Suggestion
from tenure.kernel.errors import UserError

SAYS = "Arranged on the Data pages."


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody chose for one column: a source column, or a constant, and how it is turned.

    `kept`: it stays as the mapping has it. Neither column nor constant: it is not filled.
    """

    column: str = ""
    constant: str = ""
    convert: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    kept: bool = False


def checked(mapping: SourceMapping) -> SourceMapping:
    """The mapping as it reads once it is written down.

    Raises:
        DeclarationError: it cannot be meant; the message names the line of the written form.
    """
    return read_mapping(mapping_text(mapping), name=f"mappings/{mapping.id}.toml", id=mapping.id)


def begun(id: str, suggestions: Sequence[Suggestion]) -> SourceMapping:  # noqa: A002 - the field's name
    """A mapping with what was suggested for each file; of dates and signs nothing that is a guess.

    Raises:
        UserError: no table was suggested for any file.
    """
    usable = [one for one in suggestions if one.table]
    if not usable:
        raise UserError(
            "No file looks like a table that is known here.",
            remedy="Choose what it holds.",
            code="suggest.nothing",
        )
    keys = file_keys([one.file for one in usable])
    files = {
        key: MappedFile(match=(pattern_of(one.file),), into={one.table: as_target(one)})
        for key, one in zip(keys, usable, strict=True)
    }
    return SourceMapping(id, id, SAYS, files)


def as_target(one: Suggestion) -> Target:
    """The suggested columns of one table."""
    return Target({column.column: column.source for column in one.columns})


def with_file(mapping: SourceMapping, one: Suggestion) -> SourceMapping:
    """The mapping with a file read as was suggested; a file it knew already feeds that table instead."""
    claimed = mapping.file_for(one.file)
    if claimed is not None:
        file = replace(claimed[1], into={one.table: as_target(one)})
        return _with(mapping, claimed[0], file)
    (key,) = file_keys([one.file])
    while key in mapping.files:
        key += "_more"
    file = MappedFile(match=(pattern_of(one.file),), into={one.table: as_target(one)})
    return _with(mapping, key, file)


def arranged(
    mapping: SourceMapping,
    key: str,
    reading: Mapping[str, str],
    chosen: Mapping[str, Mapping[str, Chosen]],
) -> SourceMapping:
    """The mapping with one file read and turned as chosen.

    Args:
        mapping: as it was.
        key: the file's key in it.
        reading: how the file is read: `date_order`, `decimal` and their like; an empty word takes it back.
        chosen: target -> column -> choice; what is not named stays as it is.
    """
    file = mapping.files[key]
    into = {
        name: replace(target, columns=_columns(target, chosen.get(name, {})))
        for name, target in file.into.items()
    }
    return _with(mapping, key, replace(file, into=into, **dict(reading)))  # type: ignore[arg-type]  # checked when read


def _columns(target: Target, chosen: Mapping[str, Chosen]) -> dict[str, Value]:
    columns = dict(target.columns)
    for name, choice in chosen.items():
        if choice.kept:
            continue
        if not choice.column and not choice.constant:
            columns.pop(name, None)
            continue
        before = as_take(columns[name]) if name in columns else Take()
        columns[name] = _simplest(
            replace(
                before,
                column=choice.column,
                constant=None if choice.column else choice.constant,
                convert=choice.convert,  # type: ignore[arg-type]  # checked when read
                words=dict(choice.words),
                prefix=before.prefix if choice.column else "",
            )
        )
    return columns


def _simplest(take: Take) -> Value:
    return take.column if take == Take(column=take.column) else take


def with_words(
    mapping: SourceMapping, file_name: str, header: str, words: Mapping[str, str]
) -> SourceMapping:
    """The mapping that reads some words of a source column as others, from now on.

    Raises:
        UserError: nothing of the file is read from that column, or only through a formula.
    """
    claimed = mapping.file_for(file_name)
    changed = 0
    into = {}
    for name, target in claimed[1].into.items() if claimed else ():
        columns = dict(target.columns)
        for column, value in target.columns.items():
            take = as_take(value)
            if take.column and squeezed(take.column) == squeezed(header):
                columns[column] = replace(take, words={**take.words, **words})
                changed += 1
        into[name] = replace(target, columns=columns)
    if claimed is None or not changed:
        raise UserError(
            f"The mapping {mapping.id} reads no single column from `{header}` of `{file_name}`.",
            remedy="Correct the rows one by one, or change the mapping of the source.",
            code="mapping.words",
        )
    return _with(mapping, claimed[0], replace(claimed[1], into=into))


def _with(mapping: SourceMapping, key: str, file: MappedFile) -> SourceMapping:
    return replace(mapping, files={**mapping.files, key: file})


def targets_of(mapping: SourceMapping, names: Iterable[str]) -> list[str]:
    """The tables that files of these names feed through the mapping."""
    claimed = [found[1] for name in names if (found := mapping.file_for(name))]
    return sorted({table.id for file in claimed for table, _ in file.targets()})
