"""JSON Lines: one object per line; numbers stay the text they were."""

from __future__ import annotations

import json
from typing import Any

from tenure.facts.finding import Finding, Stopped
from tenure.facts.given import Given
from tenure.facts.reading import Reading
from tenure.facts.sources.content import contents, refuse_foreign
from tenure.facts.sources.delimited import RECORD_LIMIT, guess_shown
from tenure.facts.sources.encoding import LONGEST_LINE, MISFIT, encoding_of
from tenure.facts.sources.lines import Lines
from tenure.facts.sources.stage import Staged, StageWriter, clean_cells


class _TwoOfOneName(ValueError):
    """An object holds one key twice."""


def stage_json_lines(connection: Any, given: Given, reading: Reading, *, table: str) -> Staged:
    """The file on the stage `table`; columns are the keys in order of first appearance.

    Raises:
        Stopped: the file cannot be read as a whole.
    """
    path = given.file
    refuse_foreign(next(iter(contents(path, name=given.name)), b""), name=given.name)
    encoding = encoding_of(path, name=given.name, declared=reading.encoding)
    staged = Staged(given.name, table, encoding=encoding.name, encoding_guessed=encoding.guessed)
    if encoding.guessed:
        staged.findings.append(guess_shown(given.name, encoding))
    lines = Lines(given, encoding, limit=LONGEST_LINE)
    empty = True
    with StageWriter(connection, staged) as writer:
        for number, text in enumerate(lines, start=1):
            if text.strip():
                empty = False
                staged.rows += 1
                _line(text, number, lines, staged, writer)
            lines.next_record()
    if empty:
        raise Stopped(
            "The file is empty.", code="file.empty", file=given.name,
            remedy="Export it again, or leave it out of the folder.",
        )  # fmt: skip
    return staged


def _line(text: str, number: int, lines: Lines, staged: Staged, writer: StageWriter) -> None:
    if misfits := lines.record_misfits():
        places = ", ".join(str(offset) for offset in misfits[:5])
        says = f"holds bytes that are not {staged.encoding} (at byte {places} of the text)"
        _refuse(staged, number, text, "encoding.bytes", says)
        return
    if len(text) > RECORD_LIMIT:
        _refuse(staged, number, text, "size.row", f"is longer than {RECORD_LIMIT:,} characters")
        return
    try:
        found = json.loads(
            text,
            parse_float=str,
            parse_int=str,
            parse_constant=str,
            object_pairs_hook=_once_each,
        )
    except _TwoOfOneName as error:
        _refuse(staged, number, text, "row.key_twice", f"holds the key `{error}` twice")
        return
    except RecursionError:
        _refuse(staged, number, text, "size.json", "is nested deeper than 64 levels")
        return
    except ValueError as error:
        _refuse(staged, number, text, "row.json", f"is not one JSON object: {error}")
        return
    if not isinstance(found, dict):
        _refuse(staged, number, text, "row.json", "is not one JSON object")
        return
    writer.add(number, _cells(found, staged, number, lines))


def _cells(found: dict[str, Any], staged: Staged, number: int, lines: Lines) -> list[str | None]:
    """The object's values as text, in the order of the stage's columns."""
    for key in found:
        if key not in staged.headers:
            staged.headers.append(key)
    row = [_text(found.get(header)) for header in staged.headers]
    # control characters arrive as escapes, so that the line itself looks clean
    if lines.odd or any("\\u00" in text for text in lines.record):
        return clean_cells(staged, number, row)
    return row


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return (
            value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            if (isinstance(value, str) and not value.isprintable())
            else value
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise _TwoOfOneName(next(key for key in keys if keys.count(key) > 1))
    return found


def _refuse(staged: Staged, number: int, text: str, rule: str, says: str) -> None:
    shown = text.rstrip("\r\n").replace(MISFIT, "\ufffd")
    finding = Finding(
        rule=rule,
        file=staged.name,
        line=number,
        value=shown,
        says=says,
        remedy="write one JSON object per line, each key once",
    )
    staged.refuse(finding, json.dumps({"(line)": shown}, ensure_ascii=False))
