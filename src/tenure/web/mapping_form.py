"""The form in which a file's mapping is looked at and changed: one line per column of ours, with the guess and its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from tenure.facts.arranging import Chosen
from tenure.facts.checks.words import squeezed
from tenure.facts.mapping import Conversion, MappedFile, Take, Target, as_take
from tenure.facts.mapping_text import is_plain
from tenure.facts.resemblance import words_of
from tenure.facts.suggest import Looked, Suggestion
from tenure.facts.table import Column, Table
from tenure.web.feed_words import value_said

KEPT = "*kept*"
"""The choice that leaves a formula as the mapping has it; no header is called so."""
MOST_WORDS = 40
VALUES = 3
ORDERS = (("", "ISO only, such as 2026-03-01"), ("day_month", "day first, 1/3/2026"),
          ("month_day", "month first, 3/1/2026"), ("year_month", "year first, 2026/3/1"))  # fmt: skip
DECIMALS = (("", "a point, 1234.5"), (",", "a comma, 1234,5"))
GROUPINGS = (("", "none"), (".", "point"), (",", "comma"), (" ", "blank"), ("'", "apostrophe"))
ENCODINGS = (
    ("", "guess"),
    ("utf-8", "UTF-8"),
    ("cp1252", "Windows (cp1252)"),
    ("utf-16", "UTF-16"),
)
DELIMITERS = (("", "guess"), (",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar"))
TURNS = {
    "": "as it stands", "inclusive_end": "last day to day after", "day": "moment to day",
    "minor_units": "cents to units", "percent": "percent to share", "epoch_s": "seconds since 1970",
    "epoch_ms": "milliseconds since 1970", "seconds": "milliseconds to seconds", "invert": "other way round",
    "negate": "other sign", "months": "period to months", "domain": "domain of an address",
    "first_listed": "first of several",
}  # fmt: skip
READING = ("date_order", "decimal", "grouping", "encoding", "delimiter", "time_zone", "missing")
Options = Sequence[tuple[str, str, bool]]


@dataclass(frozen=True, slots=True)
class WordRow:
    """One word of theirs, and which of ours it is."""

    number: int
    theirs: str
    ours: str
    options: Options


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One column of ours: where it comes from, why that was guessed, and its first values."""

    name: str
    at: str
    says: str
    required: bool
    options: Options
    constant: str
    turns: Options
    why: str
    values: str
    kept: str
    words: Sequence[WordRow]

    @property
    def is_filled(self) -> bool:
        """Whether anything comes into it."""
        return bool(
            self.kept or self.constant or any(on and value for value, _, on in self.options)
        )


@dataclass(frozen=True, slots=True)
class TargetForm:
    """One table of ours that the file feeds."""

    key: str
    table: Table
    rows: Sequence[ColumnRow]

    @property
    def filled(self) -> list[ColumnRow]:
        """Columns that are filled, or must be."""
        return [row for row in self.rows if row.is_filled or row.required]

    @property
    def free(self) -> list[ColumnRow]:
        """Columns that nothing comes into."""
        return [row for row in self.rows if not row.is_filled and not row.required]


@dataclass(frozen=True, slots=True)
class FileForm:
    """How one file of the mapping is read."""

    key: str
    name: str
    targets: Sequence[TargetForm]
    reading: Mapping[str, Any]
    unplaced: Sequence[str]
    order: str
    decimal: str
    options: Mapping[str, Options] = field(default_factory=dict)


def form_of(
    key: str, file: MappedFile, looked: Looked, guesses: Mapping[str, Suggestion]
) -> FileForm:
    """The form of a file.

    Args:
        key: the file's key in the mapping.
        file: its declaration.
        looked: the file's columns and first values.
        guesses: table -> what its columns look like in this file.
    """
    headers = [sample.header for sample in looked.samples]
    targets = [
        TargetForm(name, table, _rows(name, table, target, looked, guesses.get(table.id)))
        for (name, target), (table, _) in zip(file.into.items(), file.targets(), strict=True)
    ]
    used = {squeezed(name) for name in file.columns_read()}
    first = next(iter(guesses.values()), None)
    said = {name: getattr(file, name) for name in READING} | {"missing": ", ".join(file.missing)}
    options = {
        "date_order": _options(ORDERS, "_".join(file.date_order.split("_")[:2])),
        "decimal": _options(DECIMALS, file.decimal if file.decimal != "." else ""),
        "grouping": _options(GROUPINGS, file.grouping),
        "encoding": _options(ENCODINGS, file.encoding),
        "delimiter": _options(DELIMITERS, file.delimiter),
    }
    return FileForm(
        key,
        looked.given.name,
        targets,
        said,
        [header for header in headers if squeezed(header) not in used],
        first.order if first else "",
        first.decimal if first else "",
        options,
    )


def read_form(
    data: Mapping[str, str], file: MappedFile
) -> tuple[dict[str, Any], dict[str, dict[str, Chosen]]]:
    """The reading and the choices that were posted for a file; a column that was not on the form stays as it is."""
    reading: dict[str, Any] = {
        name: data[name].strip() if name not in ("grouping", "delimiter") else data[name]
        for name in READING
        if name in data
    }
    if "missing" in reading:
        listed = (word.strip() for word in reading["missing"].split(","))
        reading["missing"] = tuple(word for word in listed if word)
    chosen: dict[str, dict[str, Chosen]] = {}
    for key, (table, _) in zip(file.into, file.targets(), strict=True):
        own = chosen.setdefault(key, {})
        for name in table.columns:
            at = f"{key}.{name}"
            if f"{at}.from" in data:
                own[name] = _chosen(data, at)
    return reading, chosen


def _chosen(data: Mapping[str, str], at: str) -> Chosen:
    column = data[f"{at}.from"]
    if column == KEPT:
        return Chosen(kept=True)
    constant = data.get(f"{at}.constant", "").strip()
    convert = data.get(f"{at}.turn", "")
    words = {}
    for number in range(MOST_WORDS):
        if f"{at}.theirs{number}" in data:
            ours = data.get(f"{at}.ours{number}", "")
            if ours != KEPT:
                words[data[f"{at}.theirs{number}"]] = ours
    return Chosen(
        column,
        "" if column else constant,
        convert if convert in get_args(Conversion) else "",
        words,
    )


def _rows(
    key: str, table: Table, target: Target, looked: Looked, guess: Suggestion | None
) -> list[ColumnRow]:
    why = {one.column: one for one in guess.columns} if guess else {}
    rows = []
    for name, column in table.columns.items():
        value = target.columns.get(name)
        plain = value is None or is_plain(value)
        take = as_take(value) if value is not None and plain else Take()
        sample = next(
            (
                s
                for s in looked.samples
                if take.column and squeezed(s.header) == squeezed(take.column)
            ),
            None,
        )
        guessed = why.get(name)
        is_guess = guessed is not None and sample is not None and guessed.source == sample.header
        headers = [sample.header for sample in looked.samples]
        chosen = sample.header if sample else take.column
        if chosen and chosen not in headers:
            headers.append(chosen)
        choices = [("", "nothing"), *((header, header) for header in headers)]
        if not plain:
            choices.insert(0, (KEPT, "a formula of the mapping"))
        rows.append(
            ColumnRow(
                name,
                f"{key}.{name}",
                column.says,
                column.required,
                _options(choices, KEPT if not plain else chosen),
                take.constant or "",
                _options(tuple(TURNS.items()), take.convert),
                f"{guessed.sure}: {'; '.join(guessed.why)}" if is_guess and guessed else "",
                ", ".join((sample.values if sample else ())[:VALUES]),
                value_said(value) if value is not None and not plain else "",
                _words(column, take, sample.values if sample else ()),
            )
        )
    return rows


def _words(column: Column, take: Take, values: Sequence[str]) -> list[WordRow]:
    """The words that are turned, and those in the file that our column has none for."""
    known = words_of(column)
    strange = [
        value for value in dict.fromkeys(values)
        if column.words and squeezed(value) not in known and value not in take.words
    ]  # fmt: skip
    found = []
    for number, theirs in enumerate([*take.words, *strange][:MOST_WORDS]):
        ours = take.words.get(theirs, KEPT)
        choices = [(KEPT, "leave as it is"), ("", "no value"), *((w, w) for w in column.words)]
        if ours not in [value for value, _ in choices]:
            choices.append((ours, ours))
        found.append(WordRow(number, theirs, ours, _options(choices, ours)))
    return found


def _options(choices: Sequence[tuple[str, str]], chosen: str) -> Options:
    options = [(value, word, value == chosen) for value, word in choices]
    if chosen and not any(on for _, _, on in options):
        options.append((chosen, chosen, True))
    return options
