"""How a source writes its files: encoding, delimiter, line ends, dates and numbers of its country."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TextIO

ACCENTS = {
    "Meyer": "Müller", "Lopez": "López", "Jansen": "Sørensen", "Costa": "Gonçalves", "Novak": "Nuñez",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way to write a table. `days` and `numbers` are columns written as in Germany.

    `ending` names the form: `.csv`, `.tsv` or `.jsonl`.
    """

    ending: str = ".csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    newline: str = "\n"
    days: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    accents: tuple[str, ...] = ()

    def cells(self, row: dict[str, str]) -> dict[str, str]:
        """The row as this source writes it."""
        turned = {name: german_day(row[name]) for name in self.days}
        turned |= {name: german_number(row[name]) for name in self.numbers}
        return row | turned | {name: accented(row[name]) for name in self.accents}


DIALECTS = {
    "accounts": Dialect(encoding="utf-8-sig", newline="\r\n"),
    "contacts": Dialect(encoding="cp1252", delimiter=";", accents=("name",)),
    "tickets": Dialect(ending=".tsv", delimiter="\t"),
    "survey_responses": Dialect(encoding="utf-16"),
    "feedback": Dialect(ending=".jsonl"),
    "opportunities": Dialect(
        delimiter=";",
        days=("created_date", "close_date", "due_date"),
        numbers=("amount_arr", "probability"),
    ),
}
"""Tables that are not written as everywhere else."""

DECLARED = {
    "date_order": {"opportunities.csv": "day_month"},
    "locale": {"opportunities.csv": "de_DE"},
}
"""What an import cannot know by itself about these dialects."""


def german_day(text: str) -> str:
    """`2026-03-01` as `01.03.2026`; anything else as it is."""
    parts = text.split("-")
    return ".".join(reversed(parts)) if len(parts) == 3 else text


def german_number(text: str) -> str:
    """`1234.50` as `1.234,50`; anything else as it is."""
    whole, point, rest = text.partition(".")
    if not whole.isdigit():
        return text
    grouped = f"{int(whole):,}".replace(",", ".")
    return f"{grouped},{rest}" if point else grouped


def accented(text: str) -> str:
    """Names as people write them who have the letters for it."""
    for plain, own in ACCENTS.items():
        text = text.replace(plain, own)
    return text


class Page:
    """A file being written in a dialect; knows the physical line it is on (header = 1)."""

    def __init__(self, file: Path, dialect: Dialect, columns: list[str]) -> None:
        """Open the file and write the header, where the form has one."""
        self.dialect, self.columns, self.line, self.rows = dialect, columns, 0, 0
        self._open = ExitStack()
        self._stream: TextIO = self._opened(file)
        self._writer = csv.writer(
            self._stream, delimiter=dialect.delimiter, lineterminator=dialect.newline
        )
        if dialect.ending != ".jsonl":
            self._writer.writerow(columns)
            self.line = 1

    def _opened(self, file: Path) -> TextIO:
        raw = self._open.enter_context(file.open("wb"))
        if file.suffix == ".gz":
            zipped = gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=5, mtime=0)
            self._open.enter_context(zipped)
            return self._open.enter_context(io.TextIOWrapper(zipped, encoding="utf-8", newline=""))
        encoding = self.dialect.encoding
        return self._open.enter_context(io.TextIOWrapper(raw, encoding=encoding, newline=""))

    def row(self, row: dict[str, str]) -> int:
        """Write a row of canonical cells; returns its line."""
        cells = self.dialect.cells(row)
        if self.dialect.ending == ".jsonl":
            given = {name: cells[name] for name in self.columns if cells[name]}
            return self.text(json.dumps(given, ensure_ascii=False))
        self.line, self.rows = self.line + 1, self.rows + 1
        self._writer.writerow([cells[name] for name in self.columns])
        return self.line

    def text(self, line: str) -> int:
        """Write a line as it is, however wrong; returns its number."""
        self.line, self.rows = self.line + 1, self.rows + 1
        self._stream.write(line + self.dialect.newline)
        return self.line

    def odd_row(self, row: dict[str, str], *, more: int) -> int:
        """Write a row with `more` cells than the header, or fewer."""
        cells = list(self.dialect.cells(row).values())
        self.line, self.rows = self.line + 1, self.rows + 1
        self._writer.writerow([*cells, *["?"] * more] if more > 0 else cells[:more])
        return self.line

    def __enter__(self) -> Page:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()


def read_rows(file: Path) -> Iterator[dict[str, str]]:
    """The rows of a canonical file, plain or gzip."""
    if file.suffix == ".gz":
        with gzip.open(file, "rt", encoding="utf-8", newline="") as packed:
            yield from csv.DictReader(packed)
    else:
        with file.open(encoding="utf-8", newline="") as plain:
            yield from csv.DictReader(plain)
