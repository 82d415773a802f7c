"""The page of the Python API, read from the docstrings of the public names."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields, is_dataclass
from typing import Any

import tenure

CLASSES = ("Workspace", "Answer", "Frame", "Period", "Unknown")
HIDDEN = ("lake", "pinned", "computed")
"""Attributes that are there for Tenure itself."""


def python_page() -> str:
    """Every public class with its attributes and methods, as their docstrings tell them."""
    parts = [
        "# Python",
        "    from tenure import Workspace",
        "Everything public is imported from `tenure`. Names that begin with an underscore, and modules not named here, "
        "may change without notice.",
    ]
    for name in CLASSES:
        parts += _class(getattr(tenure, name))
    return "\n\n".join(parts) + "\n"


def _class(kind: type) -> list[str]:
    parts = [f"## {kind.__name__}", *_text(kind)]
    if is_dataclass(kind):
        shown = [
            f.name for f in fields(kind) if not f.name.startswith("_") and f.name not in HIDDEN
        ]
        parts.append("Attributes: " + ", ".join(f"`{name}`" for name in shown) + ".")
    hidden = (*HIDDEN, *getattr(kind, "__slots__", ()))
    for base in kind.__mro__:
        if base.__module__.startswith("tenure."):
            for name, member in vars(base).items():
                if not name.startswith("_") and name not in hidden:
                    parts += _member(kind.__name__, name, member)
    return parts


def _member(owner: str, name: str, member: Any) -> list[str]:
    if isinstance(member, property):
        return [f"### {owner}.{name}", *_text(member)]
    function = getattr(member, "__func__", member)
    if not callable(function):
        return []
    signature = inspect.signature(function)
    kept = [p for p in signature.parameters.values() if p.name not in ("self", "cls")]
    shown = signature.replace(parameters=kept)
    # Annotations arrive as quoted text; defaults keep their quotes.
    unquoted = re.sub(r"(: |-> )'([^']*)'", r"\1\2", f"{name}{shown}")
    return [f"### {owner}.{name}", f"    {unquoted}", *_text(function)]


def _text(member: Any) -> list[str]:
    """The docstring; its indented sections become literal blocks, so that they read as written."""
    lines = (inspect.getdoc(member) or "").splitlines()
    parts: list[str] = []
    for line in lines:
        heading = line.rstrip(":") if line.endswith(":") and not line.startswith(" ") else ""
        if heading in ("Args", "Returns", "Raises", "Attributes", "Example"):
            parts.append(f"**{heading}**\n")
        else:
            parts.append(line)
    return ["\n".join(parts).strip()] if parts else []
