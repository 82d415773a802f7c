"""What Tenure does not store, read from `refused.toml`: by the name of a column, and for time by content."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources

from tenure.facts.finding import Finding
from tenure.kernel.declare import read
from tenure.kernel.wording import counted

_NAME = re.compile(r"[A-Za-z][\w .()/-]{0,39}")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of content: `names` hold for every source, `time_names` and `shapes` for people's time.

    Names are patterns over a name's letters and digits; a shape is a pattern of a whole cell.
    """

    says: str
    names: tuple[str, ...] = ()
    time_names: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Every kind that is refused."""

    kinds: dict[str, Kind]


@cache
def refused() -> dict[str, Kind]:
    """The refused kinds by name."""
    text = (resources.files("tenure.facts") / "refused.toml").read_text(encoding="utf-8")
    return read(Refused, text, name="facts/refused.toml", id="refused").kinds


def kind_named(column: str, *, of_time: bool = False) -> str | None:
    """The refused kind that a column of this name holds, or None; `of_time`: the source is people's time."""
    plain = re.sub(r"[^a-z0-9]", "", column.lower())
    for name, kind in refused().items():
        patterns = (*kind.names, *kind.time_names) if of_time else kind.names
        if any(fnmatchcase(plain, pattern) for pattern in patterns):
            return name
    return None


def kind_like(text: str) -> str | None:
    """The refused kind that a cell of a source of people's time looks like, or None."""
    for name, kind in refused().items():
        if any(re.fullmatch(shape, text) for shape in kind.shapes):
            return name
    return None


def dropped(columns: Iterable[str]) -> str:
    """The sentence that says which columns were dropped; a name that may be content is not repeated."""
    names = [
        name if _NAME.fullmatch(name) and kind_like(name) is None else "(one without a name)"
        for name in columns
    ]
    return (
        f"{counted(len(names), 'column')} dropped: {', '.join(names)}. Tenure does not store these."
    )


def dropped_finding(columns: Iterable[str], *, file: str) -> Finding:
    """The notice that columns of `file` were dropped."""
    return Finding(
        rule="column.refused",
        level="notice",
        outcome="notice",
        file=file,
        line=1,
        says=dropped(columns),
        remedy="nothing; leave them out of the export if you can",
    )
