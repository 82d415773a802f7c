from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest

from tenure.kernel.declare import load, read
from tenure.kernel.errors import DeclarationError


@dataclass(frozen=True, slots=True)
class Line:
    at: float
    word: Literal["low", "high"] = "low"


@dataclass(frozen=True, slots=True)
class Thing:
    id: str
    title: str
    from_: str = ""
    count: int = 0
    share: float | None = None
    price: Decimal = Decimal(0)
    since: date | None = None
    is_open: bool = False
    names: tuple[str, ...] = ()
    line: Line | None = None
    lines: tuple[Line, ...] = ()
    by_name: dict[str, Line] = field(default_factory=dict)


def thing(text: str) -> Thing:
    return read(Thing, text, name="thing.toml", id="thing")


def refused(text: str) -> DeclarationError:
    with pytest.raises(DeclarationError) as error:
        thing(text)
    return error.value


def test_every_kind_of_value_becomes_the_fields_type() -> None:
    found = thing(
        """
        title = "A"
        from = "accounts"
        count = 3
        share = 1
        price = 0.1
        since = 2026-03-31
        is_open = true
        names = ["x", "y"]
        line = { at = 2 }
        lines = [{ at = 1.5, word = "high" }]
        [by_name.first]
        at = 0.5
        """
    )

    assert (found.id, found.from_, found.count) == ("thing", "accounts", 3)
    assert (found.share, type(found.share)) == (1.0, float)
    assert found.price == Decimal("0.1")
    assert (found.since, found.is_open, found.names) == (date(2026, 3, 31), True, ("x", "y"))
    assert found.line == Line(2.0)
    assert found.lines == (Line(1.5, "high"),)
    assert found.by_name == {"first": Line(0.5)}


def test_an_unknown_key_names_its_line_and_the_nearest_one() -> None:
    error = refused('title = "A"\n\ncuont = 3\n')

    assert error.code == "declaration.key"
    assert error.where == "thing.toml:3"
    assert "`count`" in error.remedy


def test_an_unknown_key_of_a_nested_table_names_its_line() -> None:
    error = refused('title = "A"\n[by_name.first]\nat = 1\nwrod = "low"\n')

    assert error.where == "thing.toml:4"
    assert "`word`" in error.remedy


def test_a_missing_key_is_named_with_the_place_it_belongs_to() -> None:
    assert "`title`" in refused("count = 1").what
    error = refused('title = "A"\n[by_name.first]\nword = "low"\n')
    assert (error.code, error.where) == ("declaration.missing", "thing.toml:2")
    assert "`by_name.first`" in error.what


@pytest.mark.parametrize(
    "line",
    [
        "count = true",
        'count = "3"',
        "count = 1.5",
        "share = true",
        'share = "a"',
        'is_open = "yes"',
        "is_open = 1",
        'names = "x"',
        "names = [1]",
        "line = 3",
        'line = { at = "x" }',
        'since = "2026-03-31"',
        "price = true",
        "by_name = []",
        "title = 3",
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_with_its_line(line: str) -> None:
    title = "" if line.startswith("title") else 'title = "A"\n'

    error = refused(title + line)

    assert error.code == "declaration.value"
    assert error.where == f"thing.toml:{2 if title else 1}"
    assert error.remedy.startswith("Write ")


def test_a_word_outside_its_list_names_the_nearest_choice() -> None:
    error = refused('title = "A"\nline = { at = 1, word = "hgih" }\n')

    assert error.code == "declaration.value"
    assert "`high`" in error.remedy


def test_text_that_is_no_toml_names_the_file() -> None:
    error = refused("title = ")

    assert (error.code, error.where) == ("declaration.toml", "thing.toml")


def test_a_file_gives_its_stem_as_the_id(tmp_path: Path) -> None:
    (tmp_path / "nrr.toml").write_text('title = "A"')

    assert load(Thing, tmp_path / "nrr.toml").id == "nrr"
