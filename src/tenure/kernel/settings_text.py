"""Change a few values of `tenure.toml` and leave every other letter of it as its owner wrote it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tenure.kernel.declare import read
from tenure.kernel.errors import UserError
from tenure.kernel.settings import FILE, Settings, quoted

TABLE = re.compile(r"^\s*\[")


def with_values(text: str, values: Mapping[str, Any]) -> str:
    """The text with other values, each key on a line of its own; what was read back is what was asked for.

    Args:
        text: `tenure.toml` as it stands.
        values: by key, `web.own_book_only` for a key of a table; None takes the key out.

    Raises:
        DeclarationError: a value that a workspace cannot have, or a file that cannot be read.
        UserError: the file is written in a way that cannot be changed line by line.
    """
    before = read(Settings, text, name=FILE, id="")
    wanted = _wanted(before, values)
    lines = text.removeprefix("\ufeff").rstrip("\n").split("\n")
    for key, value in values.items():
        table, _, name = key.rpartition(".")
        lines = _with_value(lines, table, name, value)
    made = "\n".join(lines) + "\n"
    try:
        found = read(Settings, made, name=FILE, id="")
    except UserError:
        found = None
    if found != wanted:
        raise UserError(
            f"`{FILE}` is written in a way that cannot be changed from here.",
            remedy="Change it by hand: " + ", ".join(f"`{key}`" for key in values) + ".",
            where=FILE,
            code="settings.by_hand",
        )
    return made


def _wanted(before: Settings, values: Mapping[str, Any]) -> Settings:
    defaults = Settings()
    own: dict[str, Any] = {}
    web: dict[str, Any] = {}
    for key, value in values.items():
        table, _, name = key.rpartition(".")
        place, default = (web, defaults.web) if table == "web" else (own, defaults)
        place[name] = getattr(default, name) if value is None else value
    return replace(before, **own, web=replace(before.web, **web))


def _with_value(lines: list[str], table: str, name: str, value: Any) -> list[str]:
    start, end = _part(lines, table)
    if start is None:
        return lines if value is None else [*lines, "", f"[{table}]", f"{name} = {_written(value)}"]
    new = [] if value is None else [f"{name} = {_written(value)}"]
    for at in range(start, end):
        if re.match(rf"\s*{re.escape(name)}\s*=", lines[at]):
            last = _last_line(lines, at, end)
            return [*lines[:at], *new, *lines[last + 1 :]]
    for at in range(start, end):  # where a new workspace's file names the key as an example
        if re.match(rf"\s*#\s*{re.escape(name)}\s*=", lines[at]):
            return [*lines[:at], *(new or [lines[at]]), *lines[at + 1 :]]
    at = end
    while at > start and not lines[at - 1].strip():
        at -= 1
    return [*lines[:at], *new, *lines[at:]]


def _part(lines: list[str], table: str) -> tuple[int | None, int]:
    """From which line to which the keys of a table stand; those of the file itself before the first table."""
    heads = [at for at, line in enumerate(lines) if TABLE.match(line)]
    if not table:
        return 0, heads[0] if heads else len(lines)
    for at in heads:
        if re.match(rf"\s*\[\s*{re.escape(table)}\s*\]", lines[at]):
            return at + 1, next((head for head in heads if head > at), len(lines))
    return None, len(lines)


def _last_line(lines: list[str], first: int, end: int) -> int:
    """The last line of a value that may run over several."""
    for last in range(first, end):
        try:
            tomllib.loads("\n".join(lines[first : last + 1]))
        except tomllib.TOMLDecodeError:
            continue
        return last
    return first


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return f"[{', '.join(_written(one) for one in value)}]"
    return quoted(value) if isinstance(value, str) else str(value)
