"""Declared mappings: which columns of a foreign export are which of ours, and how they are turned."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path
from typing import Literal

from tenure.facts.checks.words import squeezed
from tenure.facts.mapping_checks import check_mapping
from tenure.facts.reading import DateOrder, Reading
from tenure.facts.table import Table, table
from tenure.kernel.declare import read
from tenure.kernel.errors import UnknownName, UserError

Conversion = Literal[
    "",
    "inclusive_end",  # the last day of something becomes the first day without it
    "day",  # a moment to its civil day in the workspace's time zone
    "minor_units",  # cents to units, by the currency's own number of decimals
    "percent",  # 65 to 0.65
    "epoch_s",  # seconds since 1970 to a moment
    "epoch_ms",
    "seconds",  # milliseconds of a duration to seconds
    "invert",  # a rate the other way round
    "negate",
    "months",  # monthly, annual, quarterly, P12M, ... to a number of months
    "domain",  # what stands behind the @ of an address
    "first_listed",  # the first of several values with ; or , between them
]
Calculation = Literal[
    "",
    "first",  # the first that is filled
    "text",  # those that are filled, with a blank between them
    "product",
    "difference",  # the first less the others; what is empty counts as nothing
    "quotient",
    "days",  # from the first day to the second
    "seconds",  # from the first moment to the second
    "earliest",
    "months_after",  # the first is a day, the second a number of months
    "yearly",  # an amount, a start and an end (exclusive): the amount per year
]
Words = dict[str, tuple[str, ...]]
"""A condition: in each named column one of its words. An empty word is a missing value, `*` stands for
any text, and `> 0` compares numbers."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """A value found in another place: the row of `file` whose `key` is ours gives `column`.

    `file` is another file of the same mapping; `table` a canonical table, in this import or the lake.
    With `only`, rows of that file count that meet the condition; with `latest`, of several answers the
    one whose row is last by that column. `may_miss`: to find nothing is ordinary, and not remarked on.
    """

    key: str
    column: str
    file: str = ""
    table: str = ""
    only: Words = field(default_factory=dict)
    latest: str = ""
    may_miss: bool = False


@dataclass(frozen=True, slots=True)
class Take:
    """How one value is made.

    From the source `column` (or a named value of the file), a `constant`, or several values `of` which
    `calc` makes one. `words` turns the source's words into ours (compared without case, blanks, dashes and
    underscores; the empty word is no value), `convert` changes the value, `lookup` finds it elsewhere
    by the column's value, `prefix` stands before it. With `when` the value holds only in rows that meet the
    condition; else `otherwise`. `currency` names the column, or the constant code, that minor units are in.
    """

    column: str = ""
    constant: str | None = None
    calc: Calculation = ""
    of: tuple[str | Take, ...] = ()
    words: dict[str, str] = field(default_factory=dict)
    convert: Conversion = ""
    lookup: Lookup | None = None
    prefix: str = ""
    when: Words = field(default_factory=dict)
    otherwise: str | None = None
    currency: str = ""

    def nested(self) -> Iterator[Take]:
        """This take and every one inside it."""
        yield self
        for part in self.of:
            yield from as_take(part).nested()

    def names(self) -> Iterator[str]:
        """The columns and named values it reads; perhaps a constant currency code too."""
        for take in self.nested():
            yield from (name for name in (take.column, take.currency, *take.when) if name)


Value = str | Take | tuple[str | Take, ...]
"""A column's name, a take, or a list of which the first that is filled counts."""


def as_take(value: Value) -> Take:
    """The value written out."""
    if isinstance(value, Take):
        return value
    if isinstance(value, str):
        return Take(column=value)
    return Take(calc="first", of=value)


@dataclass(frozen=True, slots=True)
class Target:
    """A canonical table that a file feeds.

    `only` keeps the rows that meet the condition, `unless` leaves those out that meet it. `distinct` marks
    a table of things that are merely named in the rows: their repeats are no repeats of the file.
    `stands_in_for` names files of the mapping that tell the same better: where one of them is given, this
    target is fed nothing.
    """

    columns: dict[str, Value]
    table: str = ""
    only: Words = field(default_factory=dict)
    unless: Words = field(default_factory=dict)
    distinct: bool = False
    stands_in_for: tuple[str, ...] = ()

    def takes(self) -> dict[str, Take]:
        """The take of each column, written out."""
        return {name: as_take(value) for name, value in self.columns.items()}


@dataclass(frozen=True, slots=True)
class MappedFile:
    """One file of an export: the names it goes by, how it is read, and the tables it feeds.

    A file that feeds none is there for others to look values up in. `values` are named values of each row
    that takes and conditions use as if they were columns; each may use those above it. `ignore` gives each
    source column that is left out its reason; a name may hold `*`. `optional` names columns that may be
    absent: they are then read as empty. Column names are compared as words are, an exact one wins.
    """

    match: tuple[str, ...]
    into: dict[str, Target] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
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
        return any(_goes_by(name, pattern) for pattern in self.match)

    def may_lack(self, column: str) -> bool:
        """Whether the source column may be absent."""
        return any(_like(column, pattern) for pattern in self.optional)

    def named(self) -> dict[str, Take]:
        """The take of each named value, written out."""
        return {name: as_take(value) for name, value in self.values.items()}

    def takes(self) -> Iterator[Take]:
        """Every take of the file, nested ones too."""
        for takes in (self.named(), *(target.takes() for target in self.into.values())):
            for take in takes.values():
                yield from take.nested()

    def columns_read(self) -> set[str]:
        """The source columns that are mapped or looked at."""
        used = {self.updated_at, self.recorded_at, self.own_id}
        for take in self.takes():
            used |= set(take.names())
        for target in self.into.values():
            used |= {*target.only, *target.unless}
        return used - set(self.values)

    def targets(self) -> list[tuple[Table, Target]]:
        """The canonical tables fed, in the order declared."""
        return [(table(target.table or key), target) for key, target in self.into.items()]


@dataclass(frozen=True, slots=True)
class Mapping:
    """A declared mapping of one export.

    `ignore` holds for every file; `aside` gives each file name (or pattern) that is not read its reason.
    """

    id: str
    title: str
    says: str
    files: dict[str, MappedFile]
    caveats: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    ignore: dict[str, str] = field(default_factory=dict)
    aside: dict[str, str] = field(default_factory=dict)
    content: str = ""

    def file_for(self, name: str) -> tuple[str, MappedFile] | None:
        """The declared file that claims `name`, with its key; None if nobody does, or it is set aside."""
        if self.set_aside(name):
            return None
        return next(((k, file) for k, file in self.files.items() if file.claims(name)), None)

    def set_aside(self, name: str) -> str:
        """Why the file called `name` is not read; empty: it is not set aside."""
        return next((why for pattern, why in self.aside.items() if _goes_by(name, pattern)), "")

    def goes_with(self, keys: set[str]) -> set[str]:
        """The files that change what the files `keys` become: looked up in, or stood in for, and theirs."""
        found: set[str] = set()
        pending = set(keys)
        while pending:
            files = [self.files[key] for key in pending]
            more = {take.lookup.file for file in files for take in file.takes() if take.lookup}
            more |= {k for file in files for t in file.into.values() for k in t.stands_in_for}
            pending = more - found - {""}
            found |= pending
        return found

    def unmentioned(self, key: str, columns: Sequence[str]) -> list[str]:
        """Those source columns of the file `key` that nobody reads, looks up, or ignores with a reason."""
        file = self.files[key]
        used = file.columns_read()
        for take in (take for other in self.files.values() for take in other.takes()):
            if take.lookup and take.lookup.file == key:
                used |= {take.lookup.key, take.lookup.column, take.lookup.latest, *take.lookup.only}
        known = {squeezed(name) for name in used if name}
        ignored = (*file.ignore, *self.ignore)
        return [
            column
            for column in columns
            if squeezed(column) not in known
            and not any(_like(column, pattern) for pattern in ignored)
        ]

    def digest(self) -> str:
        """The sha256 of the declaration's text."""
        return hashlib.sha256(self.content.encode()).hexdigest()


def _goes_by(name: str, pattern: str) -> bool:
    last = name.rsplit("/", 1)[-1].lower()
    return fnmatchcase(last, pattern.lower()) or fnmatchcase(name.lower(), pattern.lower())


def _like(column: str, pattern: str) -> bool:
    """Whether a declared column name or pattern means `column`."""
    if "*" in pattern:
        return fnmatchcase(column.lower(), pattern.lower())
    return squeezed(column) == squeezed(pattern)


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
    known = shipped()
    if name not in known:
        mine = [file.stem for file in own.glob("*.toml")] if own else []
        raise UnknownName("mapping", name, [*known, *mine])
    return read_mapping(known[name], name=f"facts/mappings/{name}.toml", id=name)


def shipped() -> dict[str, str]:
    """The text of every mapping that comes with the product, by name."""
    folder = resources.files("tenure.facts") / "mappings"
    return {
        entry.name[:-5]: entry.read_text(encoding="utf-8")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".toml")
    }


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
    check_mapping(mapping, name)
    return mapping
