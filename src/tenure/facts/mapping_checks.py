"""What is wrong with a mapping before any file is read: names nobody declares, takes that cannot be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tenure.facts.reading import zones_and_signs
from tenure.facts.table import table
from tenure.kernel.errors import DeclarationError, UnknownName

if TYPE_CHECKING:
    from tenure.facts.mapping import MappedFile, Mapping, Take, Target, Words

_OPERANDS = {
    "first": (1, 99), "text": (2, 99), "product": (2, 9), "difference": (2, 9), "quotient": (2, 2),
    "days": (2, 2), "seconds": (2, 2), "earliest": (2, 2), "months_after": (2, 2), "yearly": (3, 3),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Place:
    """A section of the declaration, for the line that an error names."""

    name: str
    lines: tuple[str, ...]
    section: str

    def line(self, key: str = "") -> str:
        """`file:line` of the section, or of a key in it."""
        start = next((i for i, line in enumerate(self.lines) if self.section in line), 0)
        after = range(start, len(self.lines))
        found = next((i for i in after if key and self.lines[i].strip().startswith(key)), start)
        return f"{self.name}:{found + 1}"


def check_mapping(mapping: Mapping, name: str) -> None:
    """Refuse what cannot be meant; `name` is what errors call the file.

    Raises:
        DeclarationError: with file, line and the nearest right name.
    """
    lines = tuple(mapping.content.splitlines())
    for key, file in mapping.files.items():
        zones_and_signs(file.reading(), f"{name} [files.{key}]")
        _check_values(mapping, file, _Place(name, lines, f"files.{key}.values"))
        for target_key, target in file.into.items():
            place = _Place(name, lines, f"files.{key}.into.{target_key}")
            _check_target(mapping, target, place, target_key)


def _check_values(mapping: Mapping, file: MappedFile, place: _Place) -> None:
    """A named value may use those above it only, so that none needs itself."""
    below = list(file.values)
    for name, take in file.named().items():
        for used in take.names():
            if used in below:
                raise DeclarationError(
                    f"The value `{name}` uses `{used}`, which does not stand above it.",
                    where=place.line(name), remedy="Write values in the order they are needed.",
                )  # fmt: skip
        below.remove(name)
        _check_take(mapping, take, place.line(name))


def _check_target(mapping: Mapping, target: Target, place: _Place, key: str) -> None:
    """Refuse a table, column, file or lookup that nobody declares."""
    try:
        canonical = table(target.table or key)
    except UnknownName as error:
        raise DeclarationError(error.what, where=place.line(), remedy=error.remedy) from error
    for other in target.stands_in_for:
        _must_be("file in this mapping", other, mapping.files, place.line("stands_in_for"))
    _check_words(target.only, place.line("only"))
    _check_words(target.unless, place.line("unless"))
    for column, take in target.takes().items():
        _must_be(f"column of {canonical.id}", column, canonical.columns, place.line(column))
        _check_take(mapping, take, place.line(column))


def _check_take(mapping: Mapping, take: Take, where: str) -> None:
    for part in take.nested():
        _check_source(part, where)
        _check_words(part.when, where)
        lookup = part.lookup
        if lookup is None:
            continue
        if bool(lookup.file) == bool(lookup.table):
            raise DeclarationError(
                "A lookup needs either `file` or `table`.", where=where,
                remedy='Write lookup = { file = "...", key = "...", column = "..." }.',
            )  # fmt: skip
        if lookup.file:
            _must_be("file in this mapping", lookup.file, mapping.files, where)
        else:
            columns = _columns_of(lookup.table, where)
            for column in (lookup.key, lookup.column):
                _must_be(f"column of {lookup.table}", column, columns, where)
        _check_words(lookup.only, where)


def _columns_of(name: str, where: str) -> Iterable[str]:
    try:
        return table(name).columns
    except UnknownName as error:
        raise DeclarationError(error.what, where=where, remedy=error.remedy) from error


def _check_source(take: Take, where: str) -> None:
    """One place where the value comes from, with as many operands as its calculation needs."""
    given = [bool(take.column), take.constant is not None, bool(take.calc)]
    if sum(given) != 1:
        both = "More than one of" if sum(given) else "None of"
        raise DeclarationError(
            f"{both} `column`, `constant` and `calc` is given.", where=where,
            remedy='Write column = "...", constant = "...", or calc = "..." with of = [...].',
        )  # fmt: skip
    least, most = _OPERANDS.get(take.calc, (0, 0))
    if not least <= len(take.of) <= most:
        needed = f"{least}" if least == most else f"at least {least}"
        raise DeclarationError(
            f"`calc = \"{take.calc}\"` with {len(take.of)} values in `of`.", where=where,
            remedy=f"Give {needed} values: of = [...]." if take.calc else 'Say which: calc = "...".',
        )  # fmt: skip


def _check_words(words: Words, where: str) -> None:
    for column, accepted in words.items():
        if not accepted:
            raise DeclarationError(
                f"The condition on `{column}` names no word, so no row can meet it.", where=where,
                remedy='Name the words, for example ["yes", ""]; an empty word is a missing value.',
            )  # fmt: skip


def _must_be(what: str, name: str, known: Iterable[str], where: str) -> None:
    if name not in set(known):
        error = UnknownName(what, name, known)
        raise DeclarationError(error.what, where=where, remedy=error.remedy)
