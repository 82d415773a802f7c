"""Reads the documentation's pages as walks: files to write, commands to run, Python to run, and what each shows.

Fences that are walked: `console` (lines `$ command`, then what it prints), `pycon` (a Python session), and any
fence whose info string names a file, such as `csv exports/accounts.csv`: the file is written first. In what is
printed `…` stands for anything on one line, and a line of `…` alone for any number of lines.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
ANY = "…"


@dataclass(frozen=True, slots=True)
class Block:
    """One fence of a page: its first word, the file it names (or an empty text), its lines, where it stands."""

    kind: str
    file: str
    body: str
    line: int


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a console block and the lines shown under it; no lines: the page does not show any."""

    text: str
    shown: tuple[str, ...]
    line: int


def blocks(page: Path) -> list[Block]:
    """The fences of a page, from top to bottom."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        kind, _, file = match["info"].strip().partition(" ")
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(kind, file.strip(), match["body"], line))
    return found


def commands(block: Block) -> list[Command]:
    """The commands of a console block; a command may go on after a backslash at the line's end."""
    found: list[Command] = []
    lines = block.body.splitlines()
    at = 0
    while at < len(lines):
        start, text = at, lines[at].removeprefix("$ ")
        while text.endswith("\\"):
            at += 1
            text = text[:-1] + lines[at].strip()
        at += 1
        shown = []
        while at < len(lines) and not lines[at].startswith("$ "):
            shown.append(lines[at].rstrip())
            at += 1
        while shown and not shown[-1]:
            shown.pop()
        found.append(Command(text, tuple(shown), block.line + 1 + start))
    return found


def agrees(shown: tuple[str, ...], printed: str) -> bool:
    """Whether what a page shows is what was printed, up to its `…`."""
    pattern = ""
    for line in shown:
        if line.strip() == ANY:
            pattern += r"(?:[^\n]*\n)*"
        else:
            pattern += "[^\n]*".join(re.escape(part) for part in line.split(ANY)) + r"[ ]*\n"
    lines = [line.rstrip() for line in printed.splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    return re.fullmatch(pattern, "".join(line + "\n" for line in lines)) is not None


LONG = ("tenure refresh", "tenure flags", "tenure person")
"""Commands of the demo that are walked by night only; each has tests of its own by day."""


def demo_commands(makefile: Path, *, night: bool) -> list[str]:
    """What `make demo` runs, in order, as commands of `tenure`; making the environment and serving are left out."""
    recipe = makefile.read_text(encoding="utf-8").split("\ndemo:", 1)[1].split("\n\n", 1)[0]
    lines = [line.strip().removeprefix("@") for line in recipe.splitlines()[1:]]
    folder = "demo"
    found = [
        line.replace("$(BIN)/", "").replace("$(DEMO)", folder)
        for line in lines
        if line.startswith("$(BIN)/tenure")
    ]
    if not found[-1].startswith("tenure serve --demo"):
        raise ValueError(f"The demo ends in {found[-1]!r} and not in its pages.")
    return [line for line in found[:-1] if night or not line.startswith(LONG)]


def targets(makefile: Path) -> set[str]:
    """The targets a person can ask for."""
    return set(re.findall(r"^([a-z-]+):.*##", makefile.read_text(encoding="utf-8"), re.MULTILINE))


def words_of(command: str) -> list[str]:
    """A command as its words."""
    return shlex.split(command)
