"""The one loader of declarations: a TOML file becomes a frozen dataclass, or an error with its line.

Field names are the keys a person may write. Nested dataclasses, `dict[str, X]`, `tuple[X, ...]`,
`Literal[...]` and plain values are understood; an unknown key is an error that names the nearest one.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
import types
import typing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from tenure.kernel.errors import DeclarationError, UnknownName

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Text:
    """The file as text, so that an error can name the line a key stands on."""

    name: str
    lines: tuple[str, ...]

    def place(self, path: tuple[str, ...]) -> str:
        return f"{self.name}:{self._line(path)}" if self.lines else self.name

    def _line(self, path: tuple[str, ...]) -> int:
        """The line of the deepest part of `path` that can be found; good enough to open the file at."""
        found, start = 1, 0
        for depth, part in enumerate(path):
            header = re.compile(rf"^\s*\[+\s*{re.escape('.'.join(path[: depth + 1]))}\s*\]+")
            key = re.compile(rf"(?:^|[\s{{,.])\"?{re.escape(part)}\"?\s*=")
            for number in range(start, len(self.lines)):
                if header.search(self.lines[number]) or key.search(self.lines[number]):
                    found, start = number + 1, number
                    break
        return found


def load(kind: type[T], file: Path, *, name: str | None = None) -> T:
    """The declaration in `file` as a `kind`.

    Args:
        kind: a frozen dataclass. A field called `id` is filled with the file's stem.
        file: a TOML file.
        name: how the file is called in messages; its own name by default.

    Raises:
        DeclarationError: not TOML, an unknown or missing key, or a value of the wrong kind.
    """
    shown = name or file.name
    text = file.read_text(encoding="utf-8")
    return read(kind, text, name=shown, id=file.stem)


def read(kind: type[T], text: str, *, name: str, id: str) -> T:  # noqa: A002 - `id` is the field's name
    """As `load`, from text."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError(
            f"The file is not valid TOML: {error}.",
            where=name,
            remedy="Correct the line named.",
            code="declaration.toml",
        ) from error
    source = _Text(name, tuple(text.splitlines()))
    if any(field.name == "id" for field in dataclasses.fields(typing.cast(Any, kind))):
        values = {**values, "id": id}
    return typing.cast(T, _build(kind, values, (), source))


def _build(kind: Any, values: Any, path: tuple[str, ...], source: _Text) -> Any:
    if not isinstance(values, dict):
        raise _wrong(values, "a table", path, source)
    hints = typing.get_type_hints(kind)
    # A field named like a Python keyword ends in an underscore: `from_` is the key `from`.
    fields = {field.name.rstrip("_"): field for field in dataclasses.fields(kind)}
    for key in values:
        if key not in fields:
            known = UnknownName("key", key, set(fields) - {"id"})
            raise DeclarationError(
                known.what,
                where=source.place((*path, key)),
                remedy=known.remedy,
                code="declaration.key",
            )
    built = {}
    for key, field in fields.items():
        if key in values:
            built[field.name] = _convert(hints[field.name], values[key], (*path, key), source)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise DeclarationError(
                f"The key `{key}` is missing" + (f" in `{'.'.join(path)}`." if path else "."),
                where=source.place(path),
                remedy=f"Add `{key} = ...`.",
                code="declaration.missing",
            )
    return kind(**built)


def _convert(hint: Any, value: Any, path: tuple[str, ...], source: _Text) -> Any:
    """`value` as TOML gave it, as the field's type."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return value
    if origin in (typing.Union, types.UnionType):
        return _first_that_fits(inner, value, path, source)
    if origin is typing.Literal:
        if value not in inner:
            known = UnknownName("choice", str(value), [str(choice) for choice in inner])
            raise DeclarationError(
                f"`{'.'.join(path)}` cannot be `{value}`.",
                where=source.place(path),
                remedy=known.remedy,
                code="declaration.value",
            )
        return value
    if origin is tuple:
        if not isinstance(value, list):
            raise _wrong(value, "a list", path, source)
        return tuple(_convert(inner[0], item, path, source) for item in value)
    if origin is dict:
        if not isinstance(value, dict):
            raise _wrong(value, "a table", path, source)
        return {key: _convert(inner[1], item, (*path, key), source) for key, item in value.items()}
    if dataclasses.is_dataclass(hint):
        return _build(hint, value, path, source)
    return _plain(hint, value, path, source)


def _first_that_fits(
    choices: tuple[Any, ...], value: Any, path: tuple[str, ...], source: _Text
) -> Any:
    """The first member of a union that takes the value; a table prefers a dataclass and shows its error."""
    dataclass_choices = [choice for choice in choices if dataclasses.is_dataclass(choice)]
    if isinstance(value, dict) and dataclass_choices:
        return _build(dataclass_choices[0], value, path, source)
    problem: DeclarationError | None = None
    for choice in choices:
        if choice is type(None):
            continue
        try:
            return _convert(choice, value, path, source)
        except DeclarationError as error:
            problem = problem or error
    raise problem or _wrong(value, "a value", path, source)


def _plain(hint: Any, value: Any, path: tuple[str, ...], source: _Text) -> Any:
    if hint is Decimal and isinstance(value, int | float | str) and not isinstance(value, bool):
        return Decimal(str(value))
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint is int and isinstance(value, bool):
        raise _wrong(value, "a whole number", path, source)
    if isinstance(value, hint):
        return value
    words = {
        str: "text in quotes",
        int: "a whole number",
        float: "a number",
        bool: "true or false",
        date: "a date",
    }
    raise _wrong(value, words.get(hint, str(hint)), path, source)


def _wrong(value: Any, wanted: str, path: tuple[str, ...], source: _Text) -> DeclarationError:
    return DeclarationError(
        f"`{'.'.join(path)}` is `{value}`, but {wanted} is needed.",
        where=source.place(path),
        remedy=f"Write {wanted}.",
        code="declaration.value",
    )
