"""The one loader of declarations: a TOML file becomes a frozen dataclass, or an error with its line.

Field names are the keys a person may write. Nested dataclasses, `dict[str, X]`, `tuple[X, ...]`,
`Literal[...]` and plain values are understood; an unknown key is an error that names the nearest one.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
import tomllib
import types
import typing
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from tenure.kernel.errors import DeclarationError, UnknownName
from tenure.kernel.places import Path as Keys
from tenure.kernel.places import Places, places_in

T = TypeVar("T")

NOT_DECLARED: dict[str, Any] = {"declared": False}
"""Metadata of a field that is no key: whoever loads the declaration fills it in."""


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
    return read(kind, text_of(file, name=shown), name=shown, id=file.stem)


def shipped_as(kind: type[T], package: str, names: Iterable[str]) -> dict[str, T]:
    """The declarations that come with a package, one file per name, by name and in this order."""
    folder, shown = resources.files(package), package.removeprefix("tenure.").replace(".", "/")
    return {
        name: read(
            kind,
            (folder / f"{name}.toml").read_text(encoding="utf-8"),
            name=f"{shown}/{name}.toml",
            id=name,
        )
        for name in names
    }


def text_of(file: Path, *, name: str) -> str:
    """The text of a declaration's file; a mark that an editor put before it is left out.

    Raises:
        DeclarationError: it cannot be opened, or is not UTF-8.
    """
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DeclarationError(
            "The file holds a letter that is not UTF-8.",
            where=f"{name}:{line}",
            remedy="Save it as UTF-8.",
            code="declaration.encoding",
        ) from error
    except OSError as error:
        raise DeclarationError(
            f"The file cannot be opened: {error.strerror}.",
            where=name,
            remedy="Check that it is a file and that you may read it.",
            code="declaration.unreadable",
        ) from error


def read(kind: type[T], text: str, *, name: str, id: str) -> T:  # noqa: A002 - `id` is the field's name
    """As `load`, from text.

    A dataclass that refuses itself (in `__post_init__`) names the key as `where`; file and line are put here.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _no_toml(text, name, str(error)) from error
    places = places_in(text, name)
    if any(field.name == "id" for field in dataclasses.fields(typing.cast(Any, kind))):
        if "id" in values:
            raise DeclarationError(
                "`id` is no key: the file's name is the id.",
                where=places.of("id"),
                remedy="Remove it, and rename the file if need be.",
                code="declaration.key",
            )
        values = {**values, "id": id}
    return typing.cast(T, _build(kind, values, (), places))


def _no_toml(text: str, name: str, said: str) -> DeclarationError:
    """The line that cannot be read, where the reader says which."""
    at = re.search(r"line (\d+), column \d+", said)
    number = int(at[1]) if at is not None else 0
    line = " ".join([*text.split("\n"), ""][number - 1].split())
    if at is None:
        what = "The file ends in the middle of something."
    elif "overwrite" in said or "twice" in said:
        what = f"`{line.partition('=')[0].strip()}` stands there twice."
    else:
        what = f"`{line}` cannot be read." if line else f"This cannot be read: {said}."
    return DeclarationError(
        what,
        where=f"{name}:{number}" if number else name,
        remedy="Keep one of them."
        if what.endswith("twice.")
        else 'Write key = value; text stands in "quotes", a list in [brackets].',
        code="declaration.toml",
    )


def _build(kind: Any, values: Any, path: Keys, places: Places) -> Any:
    if not isinstance(values, dict):
        raise _wrong(values, "a table", path, places)
    hints = _hints(kind)
    # A field named like a Python keyword ends in an underscore: `from_` is the key `from`.
    fields = {
        field.name.rstrip("_"): field
        for field in dataclasses.fields(kind)
        if field.metadata.get("declared", True)
    }
    for key in values:
        if key not in fields:
            raise _unknown_key(key, [name for name in fields if name != "id"], path, places)
    if missing := [key for key, field in fields.items() if key not in values and _needs(field)]:
        raise _missing(missing, path, places)
    built = {
        field.name: _convert(hints[field.name], values[key], (*path, key), places)
        for key, field in fields.items()
        if key in values
    }
    try:
        return kind(**built)
    except DeclarationError as error:
        if error.where and error.where not in fields:
            raise
        key = (error.where,) if error.where else ()
        raise DeclarationError(
            error.what, where=places.of(*path, *key), remedy=error.remedy, code=error.code
        ) from error


@lru_cache
def _hints(kind: type) -> dict[str, Any]:
    """The types of a dataclass's fields; looking them up takes longer than reading a file."""
    return typing.get_type_hints(kind)


def _needs(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _unknown_key(key: str, fields: list[str], path: Keys, places: Places) -> DeclarationError:
    known = UnknownName("key", key, fields)
    is_near = known.remedy.startswith("Did")
    all_of_them = "Keys: " + ", ".join(f"`{name}`" for name in fields) + "."
    return DeclarationError(
        known.what if not path else f"There is no key called `{key}` in `{_shown(path)}`.",
        where=places.of(*path, key),
        remedy=known.remedy if is_near else all_of_them,
        code="declaration.key",
    )


def _missing(keys: list[str], path: Keys, places: Places) -> DeclarationError:
    named = ", ".join(f"`{key}`" for key in keys)
    says = f"The key {named} is missing" if len(keys) == 1 else f"The keys {named} are missing"
    return DeclarationError(
        says + (f" in `{_shown(path)}`." if path else "."),
        where=places.of(*path),
        remedy="Add " + " and ".join(f"`{key} = ...`" for key in keys[:3]) + "."
        if len(keys) <= 3
        else "Add them; those of the file itself stand above its first [section].",
        code="declaration.missing",
    )


def _convert(hint: Any, value: Any, path: Keys, places: Places) -> Any:
    """`value` as TOML gave it, as the field's type."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return value
    if origin in (typing.Union, types.UnionType):
        return _first_that_fits(inner, value, path, places)
    if origin is typing.Literal:
        if value not in inner:
            raise _no_choice(value, [str(choice) for choice in inner if choice != ""], path, places)
        return value
    if origin is tuple:
        if not isinstance(value, list):
            raise _wrong(value, "a list", path, places)
        return tuple(
            _convert(inner[0], item, (*path, number), places) for number, item in enumerate(value)
        )
    if origin is dict:
        return _mapping(inner, value, path, places)
    if dataclasses.is_dataclass(hint):
        return _build(hint, value, path, places)
    return _plain(hint, value, path, places)


def _mapping(inner: tuple[Any, ...], value: Any, path: Keys, places: Places) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(value, "a table", path, places)
    if typing.get_origin(inner[0]) is typing.Literal:
        for key in value:
            if key not in typing.get_args(inner[0]):
                raise _unknown_key(key, list(typing.get_args(inner[0])), path, places)
    return {key: _convert(inner[1], item, (*path, key), places) for key, item in value.items()}


def _first_that_fits(choices: tuple[Any, ...], value: Any, path: Keys, places: Places) -> Any:
    """The first member of a union that takes the value; a table prefers a dataclass and shows its error."""
    dataclass_choices = [choice for choice in choices if dataclasses.is_dataclass(choice)]
    if isinstance(value, dict) and dataclass_choices:
        return _build(dataclass_choices[0], value, path, places)
    problem: DeclarationError | None = None
    for choice in choices:
        if choice is type(None):
            continue
        try:
            return _convert(choice, value, path, places)
        except DeclarationError as error:
            problem = problem or error
    raise problem or _wrong(value, "a value", path, places)


def _plain(hint: Any, value: Any, path: Keys, places: Places) -> Any:
    if hint is Decimal and isinstance(value, int | float | str) and not isinstance(value, bool):
        return Decimal(str(value))
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    is_another = (hint is int and isinstance(value, bool)) or (
        hint is date and isinstance(value, datetime)
    )
    if isinstance(value, hint) and not is_another:
        return value
    words = {
        str: "text in quotes",
        int: "a whole number",
        float: "a number",
        bool: "true or false",
        date: "a date without quotes, such as 2026-03-31",
    }
    raise _wrong(value, words.get(hint, str(hint)), path, places)


def _no_choice(value: Any, choices: list[str], path: Keys, places: Places) -> DeclarationError:
    word = str(value)
    near = [choice for choice in choices if sorted(choice) == sorted(word)]
    near = near or difflib.get_close_matches(word, choices, n=1, cutoff=0.5)
    allowed = "Allowed: " + ", ".join(f"`{choice}`" for choice in choices) + "."
    return DeclarationError(
        f"`{_shown(path)}` cannot be `{value}`.",
        where=places.of(*path),
        remedy=f"Did you mean `{near[0]}`? {allowed}" if near else allowed,
        code="declaration.value",
    )


def _wrong(value: Any, wanted: str, path: Keys, places: Places) -> DeclarationError:
    written = str(value).lower() if isinstance(value, bool) else value
    return DeclarationError(
        f"`{_shown(path)}` is `{written}`, but {wanted} is needed.",
        where=places.of(*path),
        remedy=f"Write {wanted}.",
        code="declaration.value",
    )


def _shown(path: Keys) -> str:
    """`thresholds.op`: the numbers of list items are for the line, not for the reader."""
    return ".".join(part for part in path if isinstance(part, str))
