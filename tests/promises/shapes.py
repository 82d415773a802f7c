"""The notation of the answer contract (metrics 8.1): read a shape, and say where an answer departs from it.

A shape is a word such as `ratio`, a choice of quoted words, a record `{ name: T }`, a map `{ <account_id>: T }`, a list
`[ T ]` or a row `[ T, T ]`; `T?` may be null.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

TOKEN = re.compile(r'\s*("[^"]*"|<\w+>|\w+|[{}\[\]():,?|])')
TYPES = {"int", "number", "bool", "text", "ratio", "points", "money", "days", "date"}
QUOTED = re.compile(r'(\w+)(?:=("[^"]*"|\[[^\]]*\]|[^,\s)]+))?')


@dataclass(frozen=True)
class Shape:
    """One shape: a type, words, a record or map (`parts`), a list (`of`) or a row of fixed length (`row`)."""

    type: str = ""
    words: tuple[str, ...] = ()
    parts: tuple[tuple[str, Shape], ...] = ()
    of: Shape | None = None
    row: tuple[Shape, ...] = ()
    may_be_null: bool = False

    @property
    def key(self) -> str:
        """The kind of key of a map, such as `account_id`; empty for anything else."""
        return self.parts[0][0][1:-1] if self.parts and self.parts[0][0].startswith("<") else ""


@dataclass(frozen=True)
class Entry:
    """One metric of the contract: its parameters (default None: said in words or none), and shapes by variant."""

    id: str
    parameters: Mapping[str, str | None]
    shapes: Mapping[tuple[tuple[str, str], ...], Shape]


def entries(path: Path) -> dict[str, Entry]:
    """The whole contract by metric, read from its transcription."""
    found: dict[str, Entry] = {}
    mates: list[Entry] = []
    shaped: dict[tuple[tuple[str, str], ...], str] = {}
    variant: tuple[tuple[str, str], ...] = ()

    def close() -> None:
        shapes = {asked: read(text) for asked, text in shaped.items()}
        found.update({mate.id: replace(mate, shapes=shapes) for mate in mates})

    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith(" "):
            shaped[variant] = shaped.get(variant, "") + line
        elif line.startswith("? "):
            words = (word.split("=") for word in line[2:].split())
            variant = tuple((name, value) for name, value in words)
        elif line.startswith("+ "):
            own = _entry(line[2:])
            mates.append(replace(own, parameters={**mates[0].parameters, **own.parameters}))
        else:
            close()
            mates, shaped, variant = [_entry(line)], {}, ()
    close()
    return found


def _entry(line: str) -> Entry:
    name, _, rest = line.partition("(")
    said = {one: given or None for one, given in QUOTED.findall(rest)}
    return Entry(name, {one: _default(given) for one, given in said.items()}, {})


def _default(given: str | None) -> str | None:
    """The first of several choices is the default; one in quotes is said in words."""
    return None if given is None or given.startswith('"') else given.split("|")[0]


def read(text: str) -> Shape:
    """The shape that `text` writes; a token that is none, or one too many, is refused."""
    tokens = TOKEN.findall(text)
    assert "".join(tokens) == re.sub(r"\s+(?=([^\"]*\"[^\"]*\")*[^\"]*$)", "", text), text
    shape, rest = _shape(tokens)
    assert rest == [], rest
    return shape


def _shape(tokens: list[str]) -> tuple[Shape, list[str]]:
    head, rest = tokens[0], tokens[1:]
    if head == "{":
        shape, rest = _record(rest)
    elif head == "[":
        shape, rest = _listed(rest)
    elif head == "(":
        shape, rest = _shape(rest)
        assert rest[0] == ")", rest
        rest = rest[1:]
    elif head.startswith('"'):
        words = [head[1:-1]]
        while rest[:1] == ["|"]:
            words.append(rest[1][1:-1])
            rest = rest[2:]
        shape = Shape(words=tuple(words))
    else:
        assert head in TYPES or head.startswith("<"), head
        shape = Shape(type=head)
    if rest[:1] == ["?"]:
        return replace(shape, may_be_null=True), rest[1:]
    return shape, rest


def _record(tokens: list[str]) -> tuple[Shape, list[str]]:
    parts: list[tuple[str, Shape]] = []
    while tokens[0] != "}":
        name, colon = tokens[0], tokens[1]
        assert colon == ":", tokens
        part, tokens = _shape(tokens[2:])
        parts.append((name, part))
        tokens = tokens[1:] if tokens[0] == "," else tokens
    return Shape(parts=tuple(parts)), tokens[1:]


def _listed(tokens: list[str]) -> tuple[Shape, list[str]]:
    items: list[Shape] = []
    while tokens[0] != "]":
        item, tokens = _shape(tokens)
        items.append(item)
        tokens = tokens[1:] if tokens[0] == "," else tokens
    shape = Shape(of=items[0]) if len(items) == 1 else Shape(row=tuple(items))
    return shape, tokens[1:]


@dataclass(frozen=True)
class Check:
    """What an answer is compared with: the reasons it gives, the ids that keys may be, and whether it came as JSON."""

    reasons: Mapping[str, str]
    ids: Mapping[str, Collection[str]]
    is_json: bool = False

    def departures(self, shape: Shape, value: Any, path: str = "") -> Iterator[str]:
        """Every place in which a value departs from a shape, one sentence each; further names are allowed."""
        if value is None:
            # An account with a row and no data keeps its key (8.2), whatever its shape says.
            if not shape.may_be_null and not self._is_account(path):
                yield f"{path}: null where the contract has a value"
            if path not in self.reasons:
                yield f"{path}: null without a reason"
        elif shape.key:
            yield from self._map(shape, value, path)
        elif shape.parts:
            yield from self._record(shape, value, path)
        elif shape.of or shape.row or shape == Shape():
            yield from self._list(shape, value, path)
        elif shape.words:
            if value not in shape.words:
                yield f"{path}: {value!r} is none of {shape.words}"
        elif shape.type.startswith("<"):
            yield from self._id(shape.type[1:-1], value, path)
        elif not self._is_of(shape.type, value):
            yield f"{path}: {value!r} is no {shape.type}"

    def _is_account(self, path: str) -> bool:
        return path.rpartition(".")[2] in self.ids["account_id"]

    def _map(self, shape: Shape, value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{path}: {value!r} is no map"
            return
        for key, part in value.items():
            own = f"{path}.{key}"
            yield from self._id(shape.key, key, own)
            yield from self.departures(shape.parts[0][1], part, own)

    def _record(self, shape: Shape, value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{path}: {value!r} is no record"
            return
        is_month = path.startswith("by_month.")  # a type of movement without rows may be left out
        for name, part in shape.parts:
            own = f"{path}.{name}" if path else name
            if name in value:
                yield from self.departures(part, value[name], own)
            elif not is_month:
                yield f"{own}: is missing"

    def _list(self, shape: Shape, value: Any, path: str) -> Iterator[str]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            yield f"{path}: {value!r} is no list"
            return
        if shape.row and len(value) != len(shape.row):
            yield f"{path}: {value!r} has not {len(shape.row)} parts"
            return
        for place, item in enumerate(value):
            of = shape.row[place] if shape.row else shape.of
            assert of is not None
            yield from self.departures(of, item, f"{path}.{place}")

    def _id(self, kind: str, value: Any, path: str) -> Iterator[str]:
        if kind == "date":
            if not self._is_of("date", value) and not _is_day(value):
                yield f"{path}: {value!r} is no date"
        elif not isinstance(value, str) or not value:
            yield f"{path}: {value!r} is no {kind}"
        elif kind in self.ids and value not in self.ids[kind]:
            yield f"{path}: {value!r} is no {kind} of the company"

    def _is_of(self, kind: str, value: Any) -> bool:
        if kind == "text":
            return isinstance(value, str)
        if kind == "bool":
            return isinstance(value, bool)
        if isinstance(value, bool):
            return False
        if kind in ("int", "days"):
            return isinstance(value, int)
        if kind == "date":
            return _is_day(value) if self.is_json else type(value) is date
        if self.is_json:
            return isinstance(value, int | float)
        return isinstance(
            value, {"ratio": float, "money": Decimal}.get(kind, int | float | Decimal)
        )


def _is_day(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None
