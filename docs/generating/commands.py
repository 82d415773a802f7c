"""The page of the command line, read from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer.main

from tenure.cli.app import app


def commands_page() -> str:
    """Every command with its arguments and options, in the order the program lists them."""
    group = typer.main.get_command(app)
    parts = [
        "# Commands",
        group.help or "",
        "Commands that read a workspace look for it in the current folder and those above it; `--workspace` or the "
        "variable `TENURE_WORKSPACE` names another. Exit status: 0 done, 1 rows refused, 2 wrong use, 3 source refused "
        "or a question, 4 the store, 70 a bug ([errors](errors.md)).",
    ]
    for name, command in _leaves(group, ""):
        parts += [f"## tenure {name}", command.help or "", "\n".join(_parameters(command.params))]
    return "\n\n".join(parts) + "\n"


def _leaves(group: Any, above: str) -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its full name."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _leaves(command, f"{above}{name} ")
        else:
            yield f"{above}{name}", command


def _parameters(parameters: list[Any]) -> list[str]:
    rows = ["| | default | meaning |", "|---|---|---|"]
    for parameter in parameters:
        shown = _cell(", ".join(f"`{word}`" for word in _words(parameter)))
        rows.append(
            f"| {shown} | {_default(parameter)} | {_cell(getattr(parameter, 'help', '') or '')} |"
        )
    return rows


def _words(parameter: Any) -> list[str]:
    if parameter.param_type_name == "argument":
        name = parameter.name.rstrip("_").upper()
        return [name if parameter.required else f"[{name}]"]
    return [*parameter.opts]


def _default(parameter: Any) -> str:
    if parameter.required or parameter.default in (None, False, [], ()):
        return ""
    return f"`{parameter.default}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
