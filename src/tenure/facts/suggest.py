"""What an unknown file may be: a shipped mapping, or a table with its columns, each with how sure and why.

Nothing here is ever applied: a suggestion becomes an import when a person names a mapping.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal

from tenure.facts.checks.times import ISO_DAY
from tenure.facts.checks.words import squeezed
from tenure.facts.finding import Stopped
from tenure.facts.given import Given
from tenure.facts.known import Known
from tenure.facts.reading import Reading, Settings
from tenure.facts.recognise import Recognised, mappings, recognised
from tenure.facts.resemblance import (
    Ids,
    Likeness,
    Sample,
    likeness,
    synonyms,
    targets,
    words_of,
)
from tenure.facts.sources.read import stage
from tenure.facts.sources.stage import Staged
from tenure.facts.sql import trimmed
from tenure.facts.table import Table
from tenure.facts.time_entries.gathered import ENTRIES, TOTALS, in_memory
from tenure.kernel.errors import UnknownName

Sure = Literal["sure", "likely", "a guess"]

LINES = 400
"""How many rows of a file are looked at for the shape of its values."""

SURE = 0.88
"""From here on a column is sure: it has our name, an alias, or a mapping's, and values of that shape."""

_IDS = 200_000
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class ColumnSuggestion:
    """A source column for one of ours. `unknown_words` are values that our column has no word for."""

    column: str
    source: str
    sure: Sure
    score: float
    why: tuple[str, ...]
    before: tuple[str, ...] = ()
    unknown_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a file may be. `missing` are columns that every row must have and that nothing looks like.

    `recognised` comes first where it is not empty. `order` is what undeclared dates look like, `decimal`
    the decimal sign that numbers seem to have; both are evidence, not answers.
    """

    file: str
    rows: int
    recognised: tuple[Recognised, ...] = ()
    table: str = ""
    sure: Sure | Literal[""] = ""
    score: float = 0.0
    columns: tuple[ColumnSuggestion, ...] = ()
    missing: tuple[str, ...] = ()
    unplaced: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    order: str = ""
    decimal: str = ""
    stopped: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As JSON knows it."""
        return asdict(self)


@dataclass(slots=True)
class Looked:
    """An unknown file as it was read: some values of each column, and all ids that it may define."""

    given: Given
    staged: Staged | None = None
    stopped: str = ""
    samples: list[Sample] = field(default_factory=list)
    ids: dict[str, frozenset[str]] = field(default_factory=dict)


def suggested(
    unclaimed: Sequence[Given], *, settings: Settings, known: Known, own: Path | None = None
) -> tuple[Suggestion, ...]:
    """A suggestion for each file that nobody claims.

    Args:
        unclaimed: from `facts.discover.surveyed`.
        settings: how files are read.
        known: what the lake holds: ids found there tell what an id is of.
        own: the folder of the workspace's mappings.
    """
    if not unclaimed:
        return ()
    with in_memory() as connection:
        files = [_read(connection, one, settings) for one in unclaimed]
        ids = _known_ids(connection, known)
    first = [_guessed(file, Ids(ids)) for file in files]
    for file, guess in zip(files, first, strict=True):
        _add_ids(ids, file, guess)  # an id of one file may join to another of the same folder
    declared = mappings(own)
    found = []
    for file in files:
        guess = _guessed(file, Ids(ids))
        headers = [sample.header for sample in file.samples]
        seen = tuple(recognised(file.given.name, headers, declared)[:_SHOWN])
        found.append(replace(guess, recognised=seen))
    return tuple(found)


def suggested_as(given: Given, table: str, *, settings: Settings, known: Known) -> Suggestion:
    """The file as if it were that table: the best source column for each of its columns.

    Raises:
        UnknownName: no such table.
    """
    canonical = targets().get(table)
    if canonical is None:
        raise UnknownName("table", table, targets())
    with in_memory() as connection:
        file = _read(connection, given, settings)
        ids = Ids(_known_ids(connection, known))
    if file.staged is None:
        return Suggestion(given.name, 0, stopped=file.stopped)
    return _as_table(file, canonical, ids)


def samples_of(given: Given, *, settings: Settings, reading: Reading | None = None) -> Looked:
    """The file's columns with the values of its first rows; `stopped` says why it cannot be read."""
    with in_memory() as connection:
        return _read(connection, given, settings, reading)


def _read(
    connection: Any, given: Given, settings: Settings, reading: Reading | None = None
) -> Looked:
    """The file on a stage in memory, some of its values, and the columns whose values all differ."""
    file = Looked(given)
    try:
        staged = stage(
            connection, given, settings.for_file(given.name, reading), table="unknown_file"
        )
    except Stopped as stopped:
        file.stopped = str(stopped)
        return file
    file.staged = staged
    cells = [trimmed(f"c{i}") for i in range(len(staged.headers))]
    first = connection.execute(
        f"select {', '.join(cells)} from unknown_file order by line limit {LINES}"
    ).fetchall()
    for i, header in enumerate(staged.headers):
        file.samples.append(Sample(header, tuple(row[i] for row in first if row[i])))
        if len(set(file.samples[-1].values)) == len(first) > 0:
            rows = connection.execute(
                f"select {cells[i]} from unknown_file limit {_IDS}"
            ).fetchall()
            file.ids[header] = frozenset(row[0] for row in rows if row[0])
    return file


def _known_ids(connection: Any, known: Known) -> dict[str, frozenset[str]]:
    """The lake's ids of every table that others refer to."""
    found = {}
    referred = {c.refers_to for table in targets().values() for c in table.columns.values()} - {""}
    for name in sorted(referred):
        key = targets()[name].key[0]
        relation = known.relation(connection, name, [key])
        if relation is not None:
            rows = connection.execute(f"select {key} from {relation} limit {_IDS}").fetchall()
            found[name] = frozenset(row[0] for row in rows)
    return found


def _add_ids(ids: dict[str, frozenset[str]], file: Looked, guess: Suggestion) -> None:
    if not guess.table or guess.sure == "a guess":
        return
    key = targets()[guess.table].key
    source = next((one.source for one in guess.columns if one.column == key[0]), "")
    if len(key) == 1 and source in file.ids:
        ids[guess.table] = ids.get(guess.table, frozenset()) | file.ids[source]


def _guessed(file: Looked, ids: Ids) -> Suggestion:
    """The table that the file looks most like."""
    if file.staged is None:
        return Suggestion(file.given.name, 0, stopped=file.stopped)
    scored = sorted(
        (_as_table(file, table, ids) for table in targets().values()),
        key=lambda one: (-one.score, one.table),
    )
    best = scored[0]
    if not best.sure:
        plain = Suggestion(file.given.name, file.staged.rows)
        return replace(plain, unplaced=tuple(s.header for s in file.samples))
    others = tuple(one.table for one in scored[1:3] if one.score > best.score - 0.12)
    return replace(best, others=others)


def _as_table(file: Looked, table: Table, ids: Ids) -> Suggestion:
    """The file as if it were that table: the best source column for each of its columns."""
    pairs = sorted(
        (
            (found, name, sample)
            for name in table.columns
            for sample in file.samples
            if (found := likeness(sample, table, name, ids)).score >= 0.45
        ),
        key=lambda one: (-one[0].score, one[1], one[2].header),
    )
    placed: dict[str, tuple[Sample, Likeness]] = {}
    used: set[str] = set()
    for found, name, sample in pairs:
        if name not in placed and sample.header not in used:
            placed[name] = (sample, found)
            used.add(sample.header)
    columns = tuple(_column(table, name, *placed[name]) for name in table.columns if name in placed)
    missing = tuple(n for n, c in table.columns.items() if c.required and n not in placed)
    score = _score(file, table, columns, missing)
    return Suggestion(
        file.given.name,
        file.staged.rows if file.staged else 0,
        table=table.id,
        sure=_sure(score),
        score=round(score, 3),
        columns=columns,
        missing=missing,
        unplaced=tuple(s.header for s in file.samples if s.header not in used),
        order=_order([s for s in file.samples if _mostly(s, "are days or moments")]),
        decimal=_decimal([s for s in file.samples if _mostly(s, "are numbers")]),
    )


def _column(table: Table, name: str, sample: Sample, found: Likeness) -> ColumnSuggestion:
    column = table.columns[name]
    words = words_of(column)
    strange = dict.fromkeys(v for v in sample.values if words and squeezed(v) not in words)
    personal = table.id in (ENTRIES, TOTALS)  # shown to nobody, not even in a preview
    return ColumnSuggestion(
        name,
        sample.header,
        "sure" if found.score >= SURE else _sure(min(found.score, 0.79)) or "a guess",
        round(found.score, 3),
        found.why,
        () if personal else sample.values[:_SHOWN],
        () if personal else tuple(strange)[:12],
    )


def _score(
    file: Looked, table: Table, columns: Sequence[ColumnSuggestion], missing: Sequence[str]
) -> float:
    """How much the file is the table: what it must have, what it explains, and what it is called."""
    by_name = {one.column: one.score for one in columns}
    required = [name for name, column in table.columns.items() if column.required]
    needed = sum(by_name.get(name, 0.0) for name in required) / len(required) if required else 0.5
    whole = sum(by_name.values())
    explained = max(whole / max(len(file.samples), 3), whole / max(len(table.columns), 6))
    called = _called(file.given.name)
    named = called.get(table.id, 0.0)
    score = 0.5 * needed + 0.25 * min(explained, 1) + 0.25 * named
    return score * (0.8 if missing else 1) * (0.85 if called and not named else 1)


@cache
def _called(name: str) -> dict[str, float]:
    """The tables that the file's or sheet's name says, with how plainly it does."""
    last = name.rsplit("/", 1)[-1].rpartition("!")[2].split(".")[0]
    plain = squeezed("".join(letter for letter in last if not letter.isdigit()))
    found: dict[str, float] = {}
    for table in targets():
        words = (table, *synonyms().tables.get(table, ()))
        spellings = [_one(squeezed(word)) for word in words]
        if any(word in plain for word in spellings):
            found[table] = 1.0
        elif get_close_matches(plain, spellings, n=1, cutoff=0.75):
            found[table] = 0.6
    return found


def _one(word: str) -> str:
    """The singular, as far as cutting goes: companies, customers."""
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")


def _sure(score: float) -> Sure | Literal[""]:
    if score >= 0.8:
        return "sure"
    if score >= 0.65:
        return "likely"
    return "a guess" if score >= 0.45 else ""


def _mostly(sample: Sample, says: str) -> bool:
    return bool(sample.values) and sample.share(says)[0] > 0.9


def _order(samples: Sequence[Sample]) -> str:
    """What dates look like that are not ISO, in numbers; empty if all are."""
    short = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-][0-9]{4}")
    pairs = [
        (int(match[1]), int(match[2]))
        for sample in samples
        for value in sample.values
        if not re.match(ISO_DAY, value) and (match := short.match(value))
    ]
    if not pairs:
        return ""
    day = sum(first > 12 for first, _ in pairs)
    month = sum(second > 12 for _, second in pairs)
    return f"{day} can only be day/month, {month} only month/day, {len(pairs) - day - month} both"


def _decimal(samples: Sequence[Sample]) -> str:
    """`,` where numbers end in a comma and one or two digits, or group with points; else empty."""
    values = [value for sample in samples for value in sample.values]
    commas = sum(bool(re.fullmatch(r"-?[0-9.]*[0-9],[0-9]{1,2}", value)) for value in values)
    points = sum(bool(re.fullmatch(r"-?[0-9,]*[0-9]\.[0-9]{1,2}", value)) for value in values)
    return "," if commas > points else ""
