"""A mapping written down as the TOML that `facts.mapping` reads: the same mapping, without its comments."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping as MappingOf
from typing import Any

from tenure.facts.mapping import MappedFile, Mapping, Take, Target, Value

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def mapping_text(mapping: Mapping) -> str:
    """The whole declaration; reading it gives a mapping that does the same."""
    lines = [f"title = {_value(mapping.title)}", f"says = {_value(mapping.says)}"]
    lines += [
        f"{name} = {_value(listed)}"
        for name in ("caveats", "references")
        if (listed := getattr(mapping, name))
    ]
    for name in ("ignore", "aside"):
        lines += _table(name, getattr(mapping, name))
    for key, file in mapping.files.items():
        lines += _file(f"files.{_key(key)}", file)
    return "\n".join(lines) + "\n"


def _file(head: str, file: MappedFile) -> list[str]:
    plain = {
        field.name: value
        for field in dataclasses.fields(file)
        if field.name not in ("into", "values", "ignore")
        and ((value := getattr(file, field.name)) not in ("", (), None))
    }
    lines = ["", f"[{head}]", *(f"{name} = {_value(value)}" for name, value in plain.items())]
    lines += _table(f"{head}.ignore", file.ignore)
    lines += _table(f"{head}.values", file.values)
    for key, target in file.into.items():
        lines += _target(f"{head}.into.{_key(key)}", target)
    return lines


def _target(head: str, target: Target) -> list[str]:
    plain = {
        name: value
        for name in ("table", "only", "unless", "distinct", "stands_in_for")
        if (value := getattr(target, name))
    }
    lines = ["", f"[{head}]", *(f"{n} = {_value(v)}" for n, v in plain.items())] if plain else []
    return lines + _table(f"{head}.columns", target.columns, always=True)


def _table(head: str, held: MappingOf[str, Any], *, always: bool = False) -> list[str]:
    if not held and not always:
        return []
    return ["", f"[{head}]", *(f"{_key(name)} = {_value(value)}" for name, value in held.items())]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, dict):
        return _inline(value)
    said = {
        field.name: held
        for field in dataclasses.fields(value)
        if (held := getattr(value, field.name)) not in ("", (), {}, None, False)
        or (field.name in ("constant", "otherwise") and held is not None)
    }
    return _inline(said)


def _inline(held: MappingOf[str, Any]) -> str:
    return (
        "{ " + ", ".join(f"{_key(name)} = {_value(value)}" for name, value in held.items()) + " }"
    )


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(value: str) -> str:
    """A TOML string; JSON's escapes are TOML's."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def is_plain(value: Value) -> bool:
    """Whether the value is a column or a constant, perhaps turned: what a form can show and change."""
    if isinstance(value, str):
        return True
    return isinstance(value, Take) and not value.calc and value.lookup is None and not value.when
