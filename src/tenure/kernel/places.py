"""Where each key of a TOML text stands, so that an error can name its line.

The standard reader gives values without their lines. This one gives lines without values, for text that the
standard reader has taken already; it checks nothing.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""A key's way from the top: `("thresholds", 0, "op")`."""

_TRIVIA = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_KEY = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+')
_TEXT = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL
)
_SCALAR = re.compile(r"[^,\]}#\n]*")


@dataclass(frozen=True, slots=True)
class Places:
    """The lines of one file's keys, tables and list items; the first line is 1."""

    name: str
    lines: Mapping[Path, int]

    def of(self, *path: str | int) -> str:
        """`file:line` of a key; of what it belongs to, where it is not there itself."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.name}:{self.lines.get(path, 1)}"


def places_in(text: str, name: str) -> Places:
    """The places of every key of `text`, which must be valid TOML, in a file called `name`."""
    return Places(name, _Scan(text).lines)


class _Scan:
    """One pass over the text. Not frozen: it moves on."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.lines: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.document()

    def take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        taken = found[0] if found else ""
        self.at += len(taken)
        return taken

    def next_is(self, sign: str) -> bool:
        """Whether the text goes on with `sign`; steps over it if so."""
        if not self.text.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True

    def stands(self, path: Path) -> None:
        self.lines.setdefault(path, bisect_right(self.starts, self.at))

    def document(self) -> None:
        table: Path = ()
        self.take(_TRIVIA)
        while self.at < len(self.text):
            if self.next_is("[["):
                table = self.of_list(self.dotted())
                self.stands(table)
                self.at += 2
            elif self.next_is("["):
                table = self.resolved(self.dotted())
                self.at += 1
            else:
                self.key_and_value(table)
            self.take(_TRIVIA)

    def dotted(self) -> list[str]:
        """The parts of a key such as `measures."a b".where`."""
        found: list[str] = []
        while not found or self.next_is("."):
            self.take(_BLANK)
            word = self.take(_KEY)
            found.append(_unquoted(word))
            self.take(_BLANK)
        return found

    def resolved(self, keys: list[str]) -> Path:
        """The path of a header; in a list of tables it goes on in the last one."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            self.stands(path)
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
        return path

    def of_list(self, keys: list[str]) -> Path:
        path = (*self.resolved(keys[:-1]), keys[-1])
        self.stands(path)
        self.counts[path] = self.counts.get(path, 0) + 1
        return (*path, self.counts[path] - 1)

    def key_and_value(self, table: Path) -> None:
        start = self.at
        keys = self.dotted()
        end, self.at = self.at, start
        for depth in range(len(keys)):
            self.stands((*table, *keys[: depth + 1]))
        self.at = end + 1  # the equals sign
        self.take(_BLANK)
        self.value((*table, *keys))

    def value(self, path: Path) -> None:
        if self.next_is("["):
            self.take(_TRIVIA)
            number = 0
            while not self.next_is("]"):
                self.stands((*path, number))
                self.value((*path, number))
                self.between()
                number += 1
        elif self.next_is("{"):
            self.take(_TRIVIA)
            while not self.next_is("}"):
                self.key_and_value(path)
                self.between()
        elif not self.take(_TEXT):
            self.take(_SCALAR)

    def between(self) -> None:
        self.take(_TRIVIA)
        self.next_is(",")
        self.take(_TRIVIA)


def _unquoted(word: str) -> str:
    if not word.startswith(('"', "'")):
        return word
    (key,) = tomllib.loads(f"{word} = 0")
    return key
