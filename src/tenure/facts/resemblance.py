"""How much a source column looks like one of ours: by its name and by the shape of its values, with reasons."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache, cached_property
from importlib import resources

from babel.numbers import list_currencies

from tenure.facts.checks.words import FALSE, TRUE, squeezed
from tenure.facts.recognise import mappings
from tenure.facts.table import Column, Table, shapes, tables
from tenure.kernel.declare import read

_DAY = re.compile(
    r"([0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4})([ T].*)?"
)
_NUMBER = re.compile(r"[-+]?[0-9][0-9.,' \u00a0\u202f]*")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE)
_NUMERIC = ("money", "number", "rate", "int")
_CURRENCIES = ("currency", "from_currency", "to_currency")

NAME, SHAPE = 0.6, 0.4
"""How much the name of a column counts against the shape of its values."""


@dataclass(frozen=True)
class Sample:
    """A source column: its header and some of its values, blanks left out."""

    header: str
    values: tuple[str, ...]

    @cached_property
    def plain(self) -> str:
        """The header as names are compared."""
        return squeezed(self.header)

    @cached_property
    def tokens(self) -> frozenset[str]:
        """The words of the header."""
        return _tokens(self.header)

    @cached_property
    def shares(self) -> dict[str, int]:
        """How many values have which shape."""
        tests = {
            "are days or moments": lambda v: bool(_DAY.fullmatch(v)),
            "are numbers": lambda v: bool(_NUMBER.fullmatch(v)),
            "are yes or no": lambda v: v.lower() in TRUE + FALSE,
            "are mail addresses": lambda v: bool(_MAIL.fullmatch(v)),
            "are currency codes": lambda v: v.upper() in _currencies(),
            "have blanks": lambda v: " " in v,
            "are long": lambda v: len(v) > 64,
            "have digits": lambda v: any(letter.isdigit() for letter in v),
        }
        return {says: sum(map(test, self.values)) for says, test in tests.items()}

    def share(self, says: str) -> tuple[float, tuple[str, ...]]:
        """The share of values of a shape, and the sentence for it."""
        return _said(self.shares[says], len(self.values), says)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How sure it is that a source column is ours, 0 to 1, and why."""

    score: float
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Synonyms:
    """`facts/synonyms.toml`."""

    columns: dict[str, tuple[str, ...]]
    tables: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Ids:
    """Ids that are known, by canonical table."""

    known: Mapping[str, frozenset[str]] = field(default_factory=dict)


def likeness(sample: Sample, table: Table, name: str, ids: Ids) -> Likeness:
    """How much the source column looks like the column `name` of `table`."""
    column = table.columns[name]
    named, why_named = _named(sample, table.id, name)
    share, why_joined = _joined(sample, column, ids)
    if share >= 0.8:
        return Likeness(max(named, 0.7) * NAME + share * SHAPE, (*why_named, *why_joined))
    if named == 0 and not _tells(column, name):
        return Likeness(0)
    shape, why_shape = _shaped(sample, table, name)
    if named == 0:
        return Likeness(0.5, why_shape) if shape >= 0.99 else Likeness(0)
    if shape < 0.5 and sample.values:
        return Likeness(named * shape * 0.5, (*why_named, *why_shape))
    return Likeness(named * NAME + shape * SHAPE, (*why_named, *why_shape))


def _tells(column: Column, name: str) -> bool:
    """Whether the shape of values alone is telling enough to guess by."""
    return name in ("email", *_CURRENCIES) or (column.type == "word" and bool(column.words))


def _named(sample: Sample, table: str, name: str) -> tuple[float, tuple[str, ...]]:
    """How much the header says so: our name, an alias, a mapping's word, a synonym, or nearly one."""
    exact = _spellings(table, name).get(sample.plain)
    if exact is not None:
        score, why = exact
        return score, (why.format(sample.header),)
    ours, tokens = squeezed(name), _tokens(name)
    shared = len(sample.tokens & tokens) / len(sample.tokens | tokens) if sample.tokens else 0
    matcher = SequenceMatcher(None, sample.plain, ours)
    close = matcher.ratio() if matcher.real_quick_ratio() >= 0.8 else 0
    if close >= 0.8 or shared >= 0.5:
        return max(0.5, 0.75 * close), (f"`{sample.header}` is close to {name}",)
    return 0.0, ()


@cache
def _spellings(table: str, name: str) -> dict[str, tuple[float, str]]:
    """Every known spelling of a column, with how much it says and a sentence about the header."""
    found: dict[str, tuple[float, str]] = {}
    for own in (name, f"{table}.{name}"):
        for word in synonyms().columns.get(own, ()):
            found[squeezed(word)] = (0.75, f"`{{}}` often means {name}")
    for plain, (score, source) in learned().get((table, name), {}).items():
        if score > found.get(plain, (0.0, ""))[0]:
            found[plain] = (score, f"the mapping {source} calls {name} so")
    for alias in targets()[table].columns[name].aliases:
        found[squeezed(alias)] = (0.95, f"`{{}}` is another name of {name}")
    found[squeezed(name)] = (1.0, f"it is called {name}")
    return found


@cache
def _tokens(text: str) -> frozenset[str]:
    words = re.sub(r"([a-z])([A-Z])", r"\1 \2", text)
    return frozenset(word for word in re.split(r"[^a-z0-9]+", words.lower()) if len(word) > 1)


def _joined(sample: Sample, column: Column, ids: Ids) -> tuple[float, tuple[str, ...]]:
    """The share of values that are ids of the table referred to, as far as some are known."""
    known = ids.known.get(column.refers_to)
    if not known or not sample.values:
        return 0.0, ()
    hits = sum(value in known for value in sample.values)
    return _said(hits, len(sample.values), f"are known {column.refers_to.replace('_', ' ')}")


def _shaped(sample: Sample, table: Table, name: str) -> tuple[float, tuple[str, ...]]:
    """The share of values that the column could take, and the sentence for it."""
    column = table.columns[name]
    if not sample.values:
        return 0.6, ("it is empty here",)
    if name in _CURRENCIES:
        return sample.share("are currency codes")
    if name == "email":
        return sample.share("are mail addresses")
    if column.type in ("date", "timestamp"):
        return sample.share("are days or moments")
    if column.type in _NUMERIC:
        return sample.share("are numbers")
    if column.type == "bool":
        return sample.share("are yes or no")
    if column.type == "word" and column.words:
        known = words_of(column)
        hits = sum(squeezed(value) in known for value in sample.values)
        share, why = _said(hits, len(sample.values), "are words known here")
        return max(share, 0.5), why  # words of one's own are turned by a mapping
    if column.type == "id":
        return _as_id(sample, is_key=table.key == (name,))
    numbers, why = sample.share("are numbers")
    return (0.3, why) if numbers > 0.9 else (0.9, ())


def words_of(column: Column) -> frozenset[str]:
    """Every spelling that the column has a word for, squeezed."""
    return frozenset(squeezed(s) for word, own in column.words.items() for s in (word, *own))


def _said(count: int, whole: int, says: str) -> tuple[float, tuple[str, ...]]:
    shown = f"all {count:,}" if count == whole else f"{count:,} of {whole:,}"
    return count / whole, (f"{shown} values {says}",)


def _as_id(sample: Sample, *, is_key: bool) -> tuple[float, tuple[str, ...]]:
    count = len(sample.values)
    odd = sample.shares["are long"] + sample.shares["are days or moments"]
    fits = (1 - odd / count) * (1 - sample.shares["have blanks"] / count / 2)
    fits *= 0.85 + 0.15 * sample.shares["have digits"] / count  # words alone are more often names
    if not is_key:
        return fits, ()
    distinct = len(set(sample.values))
    if distinct == count:
        return fits, ("all values differ",)
    says = f"only {distinct:,} of {count:,} values differ"
    return fits * distinct / count * 0.6, (says,)


@cache
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())


@cache
def synonyms() -> Synonyms:
    """The declared synonyms."""
    text = (resources.files("tenure.facts") / "synonyms.toml").read_text(encoding="utf-8")
    return read(Synonyms, text, name="facts/synonyms.toml", id="synonyms")


@cache
def learned() -> dict[tuple[str, str], dict[str, tuple[float, str]]]:
    """(table, column) -> what the shipped mappings call it, squeezed, with how much that says, and who.

    A name that means many things in different exports, such as `id`, says little.
    """
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    meanings: dict[str, set[str]] = defaultdict(set)
    for mapping in mappings(None):
        for file in mapping.files.values():
            for canonical, target in file.targets():
                for column, take in target.takes().items():
                    if take.column and not take.lookup and take.column not in file.values:
                        plain = squeezed(take.column)
                        found[(canonical.id, column)].setdefault(plain, mapping.id)
                        meanings[plain].add(column)
    says = {plain: {1: 0.9, 2: 0.75}.get(len(own), 0.55) for plain, own in meanings.items()}
    return {
        place: {plain: (says[plain], source) for plain, source in own.items()}
        for place, own in found.items()
    }


def targets() -> dict[str, Table]:
    """Every table, and every shape, that a file may be."""
    return tables() | shapes()
