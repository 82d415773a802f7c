"""Declared mappings: which columns of a foreign export are which of ours, and how they are turned."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path
from typing import Literal

from tenure.facts.reading import DateOrder, Reading, zones_and_signs
from tenure.facts.table import Table, table
from tenure.kernel.declare import read
from tenure.kernel.errors import DeclarationError, UnknownName, UserError

Conversion = Literal[
    "",
    "inclusive_end",  # the last day of something becomes the first day without it
    "minor_units",  # cents to units, by the currency's own number of decimals
    "epoch_s",  # seconds since 1970 to a moment
    "epoch_ms",
    "seconds",  # milliseconds of a duration to seconds
    "invert",  # a rate the other way round
    "negate",
    "months",  # monthly, annual, quarterly, ... to a number of months
]


@dataclass(frozen=True, slots=True)
class Lookup:
    """A value found in another place: the row of `file` whose `key` is ours gives `column`.

    `file` is another file of the same mapping; `table` a canonical table, in this import or the lake.
    """

    key: str
    column: str
    file: str = ""
    table: str = ""


@dataclass(frozen=True, slots=True)
class Take:
    """How one canonical column is filled.

    From the source `column`, or a `constant`. `words` turns the source's words into ours (compared
    without case, blanks, dashes and underscores), `convert` changes the value, `lookup` finds it
    elsewhere by the column's value, `prefix` stands before it. With `when` (source column -> words)
    the value holds only in rows where every named column has one of the words; else `otherwise`.
    `currency` names the source column, or the constant code, that minor units are in.
    """

    column: str = ""
    constant: str | None = None
    words: dict[str, str] = field(default_factory=dict)
    convert: Conversion = ""
    lookup: Lookup | None = None
    prefix: str = ""
    when: dict[str, tuple[str, ...]] = field(default_factory=dict)
    otherwise: str | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A canonical table that a file feeds.

    `only` (source column -> words) keeps the rows of interest; an empty word means a missing value.
    `distinct` marks a table of things that are merely named in the rows: their repeats are no repeats
    of the file.
    """

    columns: dict[str, str | Take]
    table: str = ""
    only: dict[str, tuple[str, ...]] = field(default_factory=dict)
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class MappedFile:
    """One file of an export: the names it goes by, how it is read, and the tables it feeds.

    `ignore` gives each source column that is left out its reason.
    """

    match: tuple[str, ...]
    into: dict[str, Target]
    ignore: dict[str, str] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    grouping: str = ""
    locale: str = ""
    date_order: DateOrder = ""
    time_zone: str = ""
    missing: tuple[str, ...] = ()
    updated_at: str = ""
    recorded_at: str = ""
    own_id: str = ""
    backfill_trusted: bool | None = None

    def reading(self) -> Reading:
        """What the mapping says about reading the file."""
        return Reading(**{f.name: getattr(self, f.name) for f in dataclasses.fields(Reading)})

    def claims(self, name: str) -> bool:
        """Whether the file called `name` (path within the folder) is this one."""
        last = name.rsplit("/", 1)[-1].lower()
        return any(
            fnmatchcase(last, pattern.lower()) or fnmatchcase(name.lower(), pattern.lower())
            for pattern in self.match
        )

    def columns_read(self) -> set[str]:
        """The source columns that are mapped, looked at, or ignored with a reason."""
        used = {*self.ignore, self.updated_at, self.recorded_at, self.own_id}
        for target in self.into.values():
            used |= set(target.only)
            for take in target.columns.values():
                if isinstance(take, str):
                    used.add(take)
                else:
                    used |= {take.column, take.currency, *take.when}
        return used

    def targets(self) -> list[tuple[Table, Target]]:
        """The canonical tables fed, in the order declared."""
        return [(table(target.table or key), target) for key, target in self.into.items()]


@dataclass(frozen=True, slots=True)
class Mapping:
    """A declared mapping of one export."""

    id: str
    title: str
    says: str
    files: dict[str, MappedFile]
    caveats: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    content: str = ""

    def file_for(self, name: str) -> tuple[str, MappedFile] | None:
        """The declared file that claims `name`, with its key; None if nobody does."""
        return next(((k, file) for k, file in self.files.items() if file.claims(name)), None)

    def digest(self) -> str:
        """The sha256 of the declaration's text."""
        return hashlib.sha256(self.content.encode()).hexdigest()


def find_mapping(name: str, *, own: Path | None = None) -> Mapping:
    """The mapping called `name`: the workspace's own if it has one, else the one shipped.

    Args:
        name: the file's stem, or a path to a TOML file.
        own: the folder of the workspace's mappings.

    Raises:
        UnknownName: nobody declares it. DeclarationError: it does not load.
    """
    if name.endswith(".toml"):
        return _from_path(Path(name))
    if own is not None and (own / f"{name}.toml").is_file():
        return _from_path(own / f"{name}.toml")
    shipped = resources.files("tenure.facts") / "mappings"
    known = {e.name[:-5]: e for e in shipped.iterdir() if e.name.endswith(".toml")}
    if name not in known:
        mine = [file.stem for file in own.glob("*.toml")] if own else []
        raise UnknownName("mapping", name, [*known, *mine])
    text = known[name].read_text(encoding="utf-8")
    return read_mapping(text, name=f"facts/mappings/{name}.toml", id=name)


def _from_path(file: Path) -> Mapping:
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"The mapping `{file}` cannot be read: {error.strerror}.", remedy="Check the path.",
            code="mapping.absent",
        ) from error  # fmt: skip
    return read_mapping(text, name=f"{file.parent.name}/{file.name}", id=file.stem)


def read_mapping(text: str, *, name: str, id: str) -> Mapping:  # noqa: A002 - `id` is the field's name
    """The mapping declared by `text`; `name` is what errors call the file.

    Raises:
        DeclarationError: with file, line and key.
    """
    mapping = dataclasses.replace(read(Mapping, text, name=name, id=id), content=text)
    for key, file in mapping.files.items():
        zones_and_signs(file.reading(), f"{name} [files.{key}]")
        for target_key, target in file.into.items():
            place = _Place(name, text, key, target_key)
            _check_target(mapping, target, place)
    return mapping


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    text: str
    file: str
    target: str

    def line(self, column: str = "") -> str:
        """`file:line` of the target's section, or of a column in it."""
        lines = self.text.splitlines()
        start = next(
            (i for i, line in enumerate(lines) if f"files.{self.file}.into.{self.target}" in line),
            0,
        )
        found = next(
            (i for i in range(start, len(lines)) if column and lines[i].strip().startswith(column)),
            start,
        )
        return f"{self.name}:{found + 1}"


def _check_target(mapping: Mapping, target: Target, place: _Place) -> None:
    """Refuse a table, column or lookup that nobody declares."""
    try:
        canonical = table(target.table or place.target)
    except UnknownName as error:
        raise DeclarationError(error.what, where=place.line(), remedy=error.remedy) from error
    for column, take in target.columns.items():
        if column not in canonical.columns:
            known = UnknownName(f"column of {canonical.id}", column, canonical.columns)
            raise DeclarationError(known.what, where=place.line(column), remedy=known.remedy)
        if isinstance(take, Take):
            _check_take(mapping, take, place.line(column))


def _check_take(mapping: Mapping, take: Take, where: str) -> None:
    if take.column == "" and take.constant is None:
        raise DeclarationError(
            "Neither `column` nor `constant` is given.", where=where,
            remedy='Write column = "..." or constant = "...".',
        )  # fmt: skip
    lookup = take.lookup
    if lookup is not None and lookup.file and lookup.file not in mapping.files:
        known = UnknownName("file in this mapping", lookup.file, mapping.files)
        raise DeclarationError(known.what, where=where, remedy=known.remedy)
    if lookup is not None and bool(lookup.file) == bool(lookup.table):
        raise DeclarationError(
            "A lookup needs either `file` or `table`.", where=where,
            remedy='Write lookup = { file = "...", key = "...", column = "..." }.',
        )  # fmt: skip
