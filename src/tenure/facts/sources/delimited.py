"""CSV, TSV and their kin: every record with the line it begins on, or the reason it was refused."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter
from typing import Any

from tenure.facts.finding import Finding, Stopped
from tenure.facts.given import Given
from tenure.facts.reading import Reading
from tenure.facts.sources.bulk import stage_plain_lines, take_back
from tenure.facts.sources.content import contents, refuse_foreign
from tenure.facts.sources.encoding import MISFIT, Encoding, encoding_of
from tenure.facts.sources.lines import ChosenLines, Lines, RecordTooLong
from tenure.facts.sources.stage import Staged, StageWriter, clean_cells

RECORD_LIMIT = 1_000_000
_DELIMITERS = ",;\t|"


def stage_delimited(connection: Any, given: Given, reading: Reading, *, table: str) -> Staged:
    """The file on the stage `table`, one row per record, `line` being where the record begins.

    Large files of plain lines are split by the engine, with the same outcome (see `bulk`).

    Raises:
        Stopped: the file cannot be read as a whole (empty, two columns of one name, open quote, ...).
    """
    encoding = encoding_of(given.file, name=given.name, declared=reading.encoding)
    delimiter = reading.delimiter or _delimiter(given, encoding)
    staged = Staged(given.name, table, encoding=encoding.name, delimiter=delimiter)
    staged.encoding_guessed = encoding.guessed
    if encoding.guessed:
        staged.findings.append(guess_shown(given.name, encoding))
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # RECORD_LIMIT is ours and says where
    lines = Lines(given, encoding, limit=RECORD_LIMIT)
    records = csv.reader(lines, delimiter=delimiter, strict=True)
    staged.headers = _headers(records, given.name)
    uneven = stage_plain_lines(connection, given, encoding, staged, below=records.line_num)
    if uneven is None:
        lines.next_record()
        with StageWriter(connection, staged) as writer:
            _copy(records, lines, staged, writer)
    elif uneven:
        chosen = ChosenLines(given, encoding, limit=RECORD_LIMIT, chosen=uneven)
        records = csv.reader(chosen, delimiter=delimiter, strict=True)
        with StageWriter(connection, staged, create=False) as writer:
            _copy(records, chosen, staged, writer)
        take_back(connection, staged, chosen.swallowed)
    return staged


def _copy(records: Any, lines: Lines, staged: Staged, writer: StageWriter) -> None:
    """Every record to the stage, or to the refused rows."""
    width = len(staged.headers)
    while True:
        try:
            row = next(records)
        except StopIteration:
            break
        except (csv.Error, RecordTooLong) as error:
            if not lines.record:
                raise
            row = None
            _broken_quote(error, lines, lines.begins, staged)
        line = lines.begins
        if row is None or lines.odd or len(row) != width:
            misfits = lines.record_misfits()
            if row is not None and (row or misfits):
                _odd_row(row, staged, line, writer, misfits)
        else:
            staged.rows += 1
            writer.add(line, row)
        lines.next_record()


def _odd_row(
    row: list[str], staged: Staged, line: int, writer: StageWriter, misfits: list[int]
) -> None:
    """A row of the wrong width, with bytes that do not fit, or with control characters."""
    staged.rows += 1
    if misfits:
        _misfit_row(row, staged, line, misfits)
    elif len(row) != len(staged.headers):
        _width_row(row, staged, line)
    else:
        writer.add(line, clean_cells(staged, line, list(row)))


def _width_row(row: list[str], staged: Staged, line: int) -> None:
    width = len(staged.headers)
    few = len(row) < width
    finding = Finding(
        rule="row.few_cells" if few else "row.many_cells",
        file=staged.name,
        line=line,
        value=staged.delimiter.join(row),
        says=f"has {len(row)} cells, but the header has {width} columns",
        remedy="add the missing cells"
        if few
        else "put quotes around text that holds the delimiter",
    )
    staged.refuse(finding, row_text(staged.headers, row))


def _misfit_row(row: list[str], staged: Staged, line: int, misfits: list[int]) -> None:
    position = next((i for i, cell in enumerate(row) if MISFIT in cell), 0)
    places = ", ".join(str(offset) for offset in misfits[:5])
    header = staged.headers[position] if position < len(staged.headers) else ""
    finding = Finding(
        rule="encoding.bytes",
        file=staged.name,
        line=line,
        column_no=position + 1,
        column_name=header,
        value=row[position].replace(MISFIT, "\ufffd") if row else None,
        says=f"holds bytes that are not {staged.encoding} (at byte {places} of the text)",
        remedy=f'save the file as {staged.encoding}, or declare its encoding, for example encoding = "cp1252"',
    )
    staged.refuse(finding, row_text(staged.headers, [c.replace(MISFIT, "\ufffd") for c in row]))


def row_text(headers: list[str], row: list[str]) -> str:
    """The row as a JSON object by header; cells beyond the header are `cell 11`, ..."""
    named = {
        headers[i] if i < len(headers) else f"cell {i + 1}": cell for i, cell in enumerate(row)
    }
    return json.dumps(named, ensure_ascii=False)


def _broken_quote(error: Exception, lines: Lines, line: int, staged: Staged) -> None:
    """Refuse one line whose quotes are wrong; stop the file where lines may have been swallowed."""
    if len(lines.record) > 1 or isinstance(error, RecordTooLong) or "end of data" in str(error):
        opened = line + _open_quote(lines.record, staged.delimiter)
        raise Stopped(
            f"A quote opened on line {opened} is never closed properly: what follows would be "
            "swallowed as one value.",
            code="quote.open", file=staged.name, line=opened,
            remedy="Close the quote, or double a quote that belongs to the text.",
        )  # fmt: skip
    staged.rows += 1
    text = lines.record[0].rstrip("\r\n").replace(MISFIT, "\ufffd")
    finding = Finding(
        rule="row.quote",
        file=staged.name,
        line=line,
        value=text,
        says="has text after a closing quote",
        remedy="double a quote that belongs to the text",
    )
    staged.refuse(finding, json.dumps({staged.headers[0]: text}, ensure_ascii=False))


def _open_quote(record: list[str], delimiter: str) -> int:
    """How many lines below the record's first the last quoted value opened."""
    text = "".join(record)[: RECORD_LIMIT * 2]
    opened, inside, start, i = 0, False, True, 0
    while i < len(text):
        letter = text[i]
        if inside:
            if letter == '"':
                if text[i + 1 : i + 2] == '"':
                    i += 1
                else:
                    inside = False
        elif letter == '"' and start:
            inside, opened = True, i
        start = not inside and letter in (delimiter, "\n", "\r")
        i += 1
    before = text[:opened].replace("\r\n", "\n")
    return before.count("\n") + before.count("\r")


def _headers(records: Any, name: str) -> list[str]:
    """The header row, its names trimmed."""
    try:
        row = next((row for row in records if any(cell.strip() for cell in row)), None)
    except (csv.Error, RecordTooLong) as error:
        raise Stopped(
            "A quote opened in the header row is never closed.", code="quote.open", file=name,
            line=1, remedy="Close the quote.",
        ) from error  # fmt: skip
    if row is None:
        raise Stopped(
            "The file is empty.", code="file.empty", file=name,
            remedy="Export it again, or leave it out of the folder.",
        )  # fmt: skip
    if any(MISFIT in cell or "\x00" in cell for cell in row):
        raise Stopped(
            "The header row cannot be read in this encoding.", code="encoding.header", file=name,
            line=1, remedy='Declare the encoding, for example encoding = "utf-16".',
        )  # fmt: skip
    headers = [cell.strip() or f"(column {i + 1})" for i, cell in enumerate(row)]
    refuse_twins(headers, name=name)
    return headers


def refuse_twins(headers: list[str], *, name: str) -> None:
    """Stop at two columns of one name: nobody could say which one is meant."""
    twice = [header for header, count in Counter(headers).items() if count > 1]
    if twice:
        places = [i + 1 for i, header in enumerate(headers) if header == twice[0]]
        raise Stopped(
            f"The columns {' and '.join(map(str, places))} are both called `{twice[0]}`.",
            code="header.twice", file=name, line=1, remedy="Rename or remove one of them.",
        )  # fmt: skip


def guess_shown(name: str, encoding: Encoding) -> Finding:
    """The notice that says which encoding was guessed, with a sample to judge it by."""
    return Finding(
        rule="encoding.guessed",
        level="notice",
        outcome="notice",
        file=name,
        value=encoding.sample,
        says=f"is not UTF-8; it was read as {encoding.name}, which is a guess",
        remedy=f'if the sample looks wrong, declare the encoding; else confirm it: encoding = "{encoding.name}"',
    )


def _delimiter(given: Given, encoding: Encoding) -> str:
    """By the file's ending, else the sign that the header row holds most often outside quotes."""
    name = given.file.name.lower().removesuffix(".gz")
    first = next(iter(contents(given.file, name=given.name)), b"")
    refuse_foreign(first, name=given.name)
    if name.endswith((".tsv", ".tab")):
        return "\t"
    text = first.decode(encoding.name, "ignore").lstrip("\ufeff\r\n")
    header = re.sub(r'"[^"]*"', "", re.split(r"[\r\n]", text, maxsplit=1)[0])
    return max(_DELIMITERS, key=header.count)
