"""The line of every key of a TOML text, however it is written."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tenure.kernel.places import places_in

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "src").rglob("*.toml")) + [ROOT / "pyproject.toml", ROOT / "docs/codes.toml"]

EVERY_FORM = """\
# a = 1
"quoted key" = "a # b = [ { "
'literal'.inner = 'x = "'
long = \"\"\"
inside = 1
[not.a.table]
"quotes" \"\"\"\"
raw = '''
it's = 2
'''
list = [ # note ]
  1, "two, three",
  [4,
   5],
]
table = { one = 1, two.three = "}", four = [ { five = 5 } ] }
day = 2026-03-31
moment = 1979-05-27 07:32:00Z
number = -1_000.5e3   # tail

[a.b]   # header
c = 1
[[rows]]
name = "first"
[rows.about]
says = "one"
[[rows]]
name = "second"
  [rows.about]
  says = "two"
[["x y".z]]
w = true
"""


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to everything inside a parsed document."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        yield (*path, key)
        if isinstance(item, dict | list):
            yield from paths(item, (*path, key))


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_every_key_of_our_declarations_has_the_line_it_stands_on(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    lines, places = text.splitlines(), places_in(text, file.name)
    document = tomllib.loads(text)

    assert set(places.lines) == set(paths(document))
    for path, number in places.lines.items():
        if isinstance(path[-1], str):
            assert path[-1] in lines[number - 1], path


def test_every_form_of_key_and_value_is_found() -> None:
    places = places_in(EVERY_FORM, "x.toml")

    assert set(places.lines) == set(paths(tomllib.loads(EVERY_FORM)))
    assert places.of("quoted key") == "x.toml:2"
    assert places.of("literal", "inner") == "x.toml:3"
    assert places.of("long") == "x.toml:4"
    assert places.of("raw") == "x.toml:8"
    assert places.of("list", 2, 1) == "x.toml:14"
    assert places.of("table", "four", 0, "five") == "x.toml:16"
    assert places.of("number") == "x.toml:19"
    assert places.of("a", "b", "c") == "x.toml:22"
    assert places.of("rows", 0, "about", "says") == "x.toml:26"
    assert places.of("rows", 1, "about", "says") == "x.toml:30"
    assert places.of("x y", "z", 0, "w") == "x.toml:32"


def test_what_is_not_there_has_the_line_of_what_it_belongs_to() -> None:
    places = places_in(EVERY_FORM, "x.toml")

    assert places.of("rows", 1, "title") == "x.toml:27"
    assert places.of("nowhere", "at", "all") == "x.toml:1"
    assert places.of() == "x.toml:1"


def test_lines_that_end_as_on_windows_are_counted_once() -> None:
    assert places_in("a = 1\r\nb = [\r\n  2,\r\n]\r\n", "x").of("b", 0) == "x:3"
