"""A workbook as a guarded archive: what sheets it has, and the rows of one, cell by cell.

The row parser of openpyxl is used below its public face, because that face cannot tell a formula that
was never calculated from an empty cell, and drops the merged ranges when it streams.
"""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_datetime
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.worksheet._reader import FORMULA_TAG, MERGE_TAG, ROW_TAG, VALUE_TAG, WorkSheetParser
from openpyxl.xml.functions import iterparse

from tenure.facts.finding import Stopped
from tenure.facts.sources.content import INFLATED_FREE, INFLATED_RATIO

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_PROLOG = 64 << 10
_LIMIT = 8 << 30
_STRINGS_LIMIT = 512 << 20
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ESCAPE = re.compile(r"_x(000[9AaDd])_")
_BROKEN = (
    KeyError, IndexError, ValueError, TypeError, AttributeError, SyntaxError, OSError, EOFError,
    RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What the archive and XML libraries raise at a file that is not what it says it is."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet of a workbook; `part` is its place in the archive."""

    name: str
    hidden: bool
    part: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text as a CSV would hold it, or the `error` that stands in its place.

    `column` counts from 1. An error is one of the program's (`#N/A`) or `uncalculated`: a formula
    whose result was never stored.
    """

    column: int
    text: str | None
    error: str = ""


@dataclass(slots=True)
class Book:
    """An open workbook."""

    name: str
    sheets: list[Sheet]
    reader: Any  # openpyxl ships no types
    merged: list[str] = field(default_factory=list)

    def rows(self, sheet: Sheet) -> Iterator[tuple[int, list[Cell]]]:
        """Each row that holds cells, by its number in the sheet; `merged` is filled at the end.

        Raises:
            Stopped: `file.broken`.
        """
        with _explained(self.name):
            self.reader.read_strings()
            apply_stylesheet(self.reader.archive, self.reader.wb)
            source = self.reader.archive.open(sheet.part)
        with source:
            parser = _Rows(source, self.reader)
            found = iter(parser.rows())
            while True:
                with _explained(self.name):
                    row = next(found, None)
                if row is None:
                    break
                yield row
        self.merged = parser.ranges


@contextmanager
def opened(path: Path, *, name: str) -> Iterator[Book]:
    """The workbook at `path`; nothing of it is read but the list of its sheets.

    Raises:
        Stopped: `file.empty`, `file.kind`, `file.protected`, `file.broken`, `file.unsafe`, `file.unreadable`.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise Stopped(
            f"The file cannot be read: {error.strerror or error}.", code="file.unreadable",
            file=name, remedy="Check that it exists and that you may read it.",
        ) from error  # fmt: skip
    with file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns of what it drops: charts, validations
        _refuse_other_kinds(file, name)
        with _explained(name):
            reader = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
        _refuse_bombs(reader.archive, name)
        with _explained(name):
            reader.read_manifest()
            reader.read_workbook()
            sheets = [
                Sheet(sheet.name, sheet.state != "visible", rel.target)
                for sheet, rel in reader.parser.find_sheets()
                if "chartsheet" not in rel.Type and rel.target in reader.valid_files
            ]
        if not sheets:
            raise Stopped(
                "The workbook holds no sheet that can be read.", code="file.kind", file=name,
                remedy="Save it as an ordinary .xlsx workbook (not Strict Open XML), or as CSV.",
            )  # fmt: skip
        yield Book(name, sheets, reader)


def _refuse_other_kinds(file: BinaryIO, name: str) -> None:
    """Stop at what is no workbook of the present format, saying what it is."""
    first = file.read(8)
    file.seek(0)
    if not first:
        raise Stopped("The file is empty.", code="file.empty", file=name, remedy="Export it again.")
    if first.startswith(_ZIP):
        return
    if first.startswith(_OLE):
        if _ENCRYPTED in file.read():
            raise Stopped(
                "The workbook is protected by a password.", code="file.protected", file=name,
                remedy="Save a copy without the password, or export the sheets as CSV.",
            )  # fmt: skip
        raise Stopped(
            "The file is an old Excel workbook (.xls).", code="file.kind", file=name,
            remedy="Open it and save it as .xlsx, or export the sheets as CSV.",
        )  # fmt: skip
    raise Stopped(
        "The file is no workbook, whatever its name says.", code="file.kind", file=name,
        remedy="Export it again as .xlsx, or give it the ending of what it is.",
    )  # fmt: skip


def _refuse_bombs(archive: zipfile.ZipFile, name: str) -> None:
    """Stop before unpacking at sizes and document types that no honest workbook has."""
    parts = archive.infolist()
    whole = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    strings = sum(part.file_size for part in parts if part.filename.endswith("sharedStrings.xml"))
    exploded = whole > INFLATED_FREE and whole > packed * INFLATED_RATIO
    if exploded or whole > _LIMIT or strings > _STRINGS_LIMIT:
        raise Stopped(
            f"The workbook unpacks to {whole >> 20} MB from {packed >> 10} KB.", code="file.unsafe",
            file=name, remedy="Open it yourself, and export the sheets as CSV.",
        )  # fmt: skip
    for part in parts:
        if part.filename.lower().endswith((".xml", ".rels")):
            with _explained(name), archive.open(part) as source:
                typed, has_begun = _declares_a_type(source)
            if not has_begun:
                raise Stopped(
                    f"The part `{part.filename}` does not begin within {_PROLOG >> 10} KB, as every workbook does.",
                    code="file.unsafe", file=name, remedy="Open it yourself, and save it again.",
                )  # fmt: skip
            if typed:
                raise Stopped(
                    f"The part `{part.filename}` declares a document type, as no workbook does.",
                    code="file.unsafe", file=name, remedy="Open it yourself, and save it again.",
                )  # fmt: skip


def _declares_a_type(source: Any) -> tuple[bool, bool]:
    """Whether the XML has a DOCTYPE, which entities need, and whether it begins soon.

    Only what stands before the root is read, and of that not much: a token without an end is scanned again with
    every piece, for hours where it is long.
    """
    seen: list[str] = []
    read = 0
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_: seen.append("type")
    parser.StartElementHandler = lambda *_: seen.append("root")
    while not seen and (chunk := source.read(4096)):
        read += len(chunk)
        if read > _PROLOG:
            return False, False
        try:
            parser.Parse(chunk)
        except expat.ExpatError:
            break  # broken XML has its own answer when the part is read
    return seen[:1] == ["type"], True


@contextmanager
def _explained(name: str) -> Iterator[None]:
    try:
        yield
    except Stopped:
        raise
    except _BROKEN as error:
        raise Stopped(
            "The workbook cannot be read: it is damaged or cut off.", code="file.broken", file=name,
            remedy="Open it and save it again, or export the sheets as CSV.",
        ) from error  # fmt: skip


class _Rows(WorkSheetParser):  # type: ignore[misc]  # openpyxl ships no types
    """Rows of one sheet as they stream by, with the merged ranges that follow them."""

    def __init__(self, source: Any, reader: Any) -> None:
        book = reader.wb
        super().__init__(
            source,
            reader.shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        self.ranges: list[str] = []
        self._timed = _styles_with_a_time(book)

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        for _, element in iterparse(self.source):
            if element.tag == ROW_TAG:
                number, cells = self.parse_row(element)
                element.clear()
                self.row_dimensions.clear()
                yield number, cells
            elif element.tag == MERGE_TAG:
                self.ranges += [str(child.get("ref")) for child in element]

    def parse_cell(self, element: Any) -> Cell:
        """The cell; what the library cannot read is an error of the cell, not of the book."""
        try:
            found = super().parse_cell(element)
        except (ValueError, IndexError, OverflowError):
            return Cell(self.col_counter, None, "unreadable")
        column, value = found["column"], found["value"]
        if found["data_type"] == "e":
            return Cell(column, None, str(value))
        if value is None and element.find(FORMULA_TAG) is not None:
            stored = element.get("t") == "str" and element.find(VALUE_TAG) is not None
            return Cell(column, None, "" if stored else "uncalculated")
        return Cell(column, text_of(value, timed=found["style_id"] in self._timed))


def _styles_with_a_time(book: Any) -> set[int]:
    """The cell styles that show a time of day beside, or instead of, a day."""
    found = set()
    for index in book._date_formats:
        number = book._cell_styles[index].numFmtId
        custom = book._number_formats
        shown = BUILTIN_FORMATS.get(number) or (
            custom[number - 164] if 0 <= number - 164 < len(custom) else ""
        )
        if is_datetime(shown) in ("datetime", "time"):
            found.add(int(index))
    return found


def text_of(value: object, *, timed: bool) -> str | None:
    """A cell's value as the text a CSV would hold, nothing lost: ISO days, plain digits, no `.0`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _plain(value)
    if isinstance(value, datetime):
        bare = not timed and value.time() == time()
        return value.date().isoformat() if bare else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _duration(value)
    if value is None:
        return None
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), str(value))


def _plain(value: float) -> str:
    """The digits of a number; from 10^16 on they are lost already, and the exponent shows it."""
    if abs(value) >= 1e16:
        return repr(value)
    return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")


def _duration(value: timedelta) -> str:
    """Hours, minutes and seconds, the hours going on beyond a day."""
    seconds, rest = divmod(abs(value) // timedelta(milliseconds=1), 1000)
    sign = "-" if value < timedelta(0) else ""
    shown = f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{shown}.{rest:03d}" if rest else shown


def widths(cells: Iterable[Cell]) -> int:
    """The last column that holds anything."""
    return max((cell.column for cell in cells if cell.text or cell.error), default=0)
