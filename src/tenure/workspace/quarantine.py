"""Refused rows behind the notebook's door: which still wait, corrected and tried again, or left out with a reason.

A row leaves the quarantine when it really landed: after the same checks, in the lake, under its own file and line.
What was decided about a row stands in the journal of the lake, so that every face tells the same.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from tenure.facts.discover import table_named
from tenure.facts.fix import write_fix
from tenure.facts.given import Given
from tenure.facts.mapping import Mapping as SourceMapping
from tenure.facts.reading import Settings as ImportSettings
from tenure.facts.sources.reduced import digest_of, from_texts
from tenure.facts.trial import refused_of
from tenure.kernel.errors import SourceError, UserError
from tenure.lake import imports, intake, journal, ledger, remarks
from tenure.lake.imports import ImportSummary
from tenure.lake.known import KnownFacts
from tenure.lake.ledger import Entry
from tenure.workspace.importing import Door, numbered

SETTLED = "rows.settled"
Outcome = Literal["landed", "left_out", "said_before"]
REUSED = "id.reused"
"""Its rows stand in our own columns: they had passed every check but that of the lake."""


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One refused row. `cells` is its text by header, empty where nothing of it may be kept."""

    number: int
    file: str
    line: int
    table: str
    cells: Mapping[str, str | None]
    rule: str
    column: str
    value: str
    says: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A corrected row: the file and line it was refused at, and all of its cells."""

    file: str
    line: int
    cells: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class StillRefused:
    """A corrected row that was refused again, and stays as it was."""

    file: str
    line: int
    column: str
    value: str
    says: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Mended:
    """What became of corrected rows: how many landed, in which imports, and which are refused still."""

    landed: int
    still: tuple[StillRefused, ...]
    numbers: tuple[int, ...] = ()


class QuarantineDoor(Door, Protocol):
    """A workspace with its refused rows."""

    def waiting_rows(
        self, number: int, file: str, *, start: int = 0, limit: int = 50
    ) -> list[WaitingRow]:
        """Rows that wait."""
        ...


class WithQuarantine:
    """The part of a workspace that knows what was refused and waits."""

    __slots__ = ()

    def waiting(self: Door) -> dict[int, dict[str, int]]:
        """Import number -> file -> how many of its refused rows wait for somebody."""
        by_id = {summary.import_id: summary.number for summary in self.imports()}
        settled = _settled(self)
        found: dict[int, dict[str, int]] = {}
        for import_id, file, line in remarks.quarantined(self.facts().engine):
            if import_id in by_id and (file, line) not in settled.get(import_id, {}):
                own = found.setdefault(by_id[import_id], {})
                own[file] = own.get(file, 0) + 1
        return dict(sorted(found.items(), reverse=True))

    def waiting_rows(
        self: Door, number: int, file: str, *, start: int = 0, limit: int = 50
    ) -> list[WaitingRow]:
        """Rows of one file of an import that wait, by line, from the `start`-th on.

        Raises:
            UnknownName: no such import.
        """
        summary = numbered(self, number)
        if summary is None:
            return []
        engine = self.facts().engine
        done = _settled(self).get(summary.import_id, {})
        lines = [
            line
            for import_id, name, line in remarks.quarantined(engine)
            if import_id == summary.import_id and name == file and (name, line) not in done
        ]
        rows = remarks.quarantined_rows(
            engine, summary.import_id, file, lines[start : start + limit]
        )
        return [_waiting(number, row) for row in rows]

    def waiting_values(
        self: QuarantineDoor, number: int, file: str
    ) -> list[tuple[str, str, str, int]]:
        """Column, value and sentence of what refuses rows of one file, with how many, the most frequent first."""
        found = Counter(
            (row.column, row.value, row.says)
            for row in self.waiting_rows(number, file, limit=100_000)
            if row.value
        )
        return [(*of, count) for of, count in found.most_common(50)]

    def waiting_text(self: Door, number: int, file: str) -> str:
        """The rows of one file that wait, as CSV with three columns of explanation; `facts.fix.read_fix` reads it back."""
        summary = numbered(self, number)
        if summary is None:
            return ""
        engine, out = self.facts().engine, io.StringIO(newline="")
        done = _settled(self).get(summary.import_id, {})
        lines = [
            line
            for import_id, name, line in remarks.quarantined(engine)
            if import_id == summary.import_id and name == file and (name, line) not in done
        ]
        write_fix(remarks.quarantined_rows(engine, summary.import_id, file, lines), out)
        return out.getvalue()

    def mend(self: Door, number: int, fixes: Sequence[Fix], *, by: str = "") -> Mended:
        """Corrected rows tried again with the mapping and settings of their import; good ones land, bad ones stay.

        Raises:
            UnknownName: no such import.
            UserError: a row does not wait, or nobody knows any more how its file was read.
        """
        summary = numbered(self, number)
        entry = ledger.entries(self.lake)[summary.import_id] if summary else None
        if entry is None:
            return Mended(0, ())
        _check_waiting(self, entry, fixes)
        if not entry.how and any(table_named(fix.file) is None for fix in fixes):
            raise UserError(
                f"Import {number} did not keep how it read its files.",
                remedy="Download the rows, correct them, and import the file with its mapping.",
                code="quarantine.how",
            )
        mapping, settings = (
            intake.how_said(entry.how)
            if entry.how
            else (None, ImportSettings(time_zone=self.settings.time_zone))
        )
        done = Mended(0, ())
        for part in _by_file(self, entry, fixes):
            own = None if part.in_our_columns else mapping
            more = _mended(self, entry, part, own, settings, by=by)
            done = Mended(
                done.landed + more.landed, done.still + more.still, done.numbers + more.numbers
            )
        return done

    def leave_out(
        self: Door, number: int, rows: Sequence[tuple[str, int]], *, by: str, why: str
    ) -> int:
        """How many waiting rows, each a file and line, are left out for good; the reason stands in the journal.

        Raises:
            UserError: no reason was given, or a row does not wait.
        """
        if not why.strip():
            raise UserError(
                "No reason was given for leaving the rows out.",
                remedy="Say why they are not wanted.",
                where="why",
                code="quarantine.why",
            )
        summary = numbered(self, number)
        if summary is None:
            return 0
        entry = ledger.entries(self.lake)[summary.import_id]
        _check_waiting(self, entry, [Fix(file, line, {}) for file, line in rows])
        _settle(self, entry, rows, "left_out", by=by, why=why.strip())
        return len(set(rows))


def _waiting(number: int, row: Mapping[str, Any]) -> WaitingRow:
    why = ("rule", "column_name", "value", "says", "remedy")
    return WaitingRow(
        number,
        row["file"] or "",
        int(row["line"]),
        row["table_name"] or "",
        json.loads(row["row"] or "{}"),
        *(str(row[name] or "") for name in why),
    )


def _settled(door: Door) -> dict[str, dict[tuple[str, int], Outcome]]:
    """Import id -> file and line -> what was decided last."""
    found: dict[str, dict[tuple[str, int], Outcome]] = {}
    for entry in journal.entries(door.lake):
        if entry.kind == SETTLED:
            own = found.setdefault(entry.content["import"], {})
            own |= dict.fromkeys(map(tuple, entry.content["rows"]), entry.content["outcome"])
    return found


def _settle(
    door: Door,
    entry: Entry,
    rows: Sequence[tuple[str, int]],
    outcome: Outcome,
    *,
    by: str = "",
    why: str = "",
) -> None:
    if rows:
        content = {"import": entry.import_id, "outcome": outcome, "rows": sorted(set(rows))}
        journal.enter(door.lake, SETTLED, f"import {entry.number}", by=by, why=why, content=content)


def _check_waiting(door: Door, entry: Entry, fixes: Sequence[Fix]) -> None:
    done = _settled(door).get(entry.import_id, {})
    there = {
        (file, line)
        for import_id, file, line in remarks.quarantined(door.facts().engine)
        if import_id == entry.import_id
    }
    for fix in fixes:
        if (fix.file, fix.line) not in there or (fix.file, fix.line) in done:
            raise UserError(
                f"Line {fix.line} of `{fix.file}` does not wait in import {entry.number}.",
                remedy="Look again: somebody may have dealt with it.",
                code="quarantine.gone",
            )


@dataclass(frozen=True, slots=True)
class _Part:
    """Corrected rows of one file that are read in one way."""

    file: str
    table: str
    in_our_columns: bool
    fixes: tuple[Fix, ...]

    def given(self, entry: Entry, mapping: SourceMapping | None, lines: set[int]) -> Given:
        """The rows at `lines` as something to import, under their own file's name and lines."""
        kept = [fix for fix in self.fixes if fix.line in lines]
        headers = list(dict.fromkeys(header for fix in kept for header in fix.cells))
        rows = [[fix.cells.get(header) for header in headers] for fix in kept]
        numbers = [fix.line for fix in kept]
        claimed = mapping is not None and mapping.file_for(self.file) is not None
        table = None if claimed else self.table if self.in_our_columns else table_named(self.file)
        of = json.dumps([self.file, entry.import_id, numbers, digest_of(headers, rows)])
        digest = hashlib.sha256(of.encode()).hexdigest()
        return Given(self.file, None, from_texts(headers, rows, lines=numbers), table, digest)


def _by_file(door: Door, entry: Entry, fixes: Sequence[Fix]) -> list[_Part]:
    engine = door.facts().engine
    parts: dict[tuple[str, str, bool], list[Fix]] = {}
    for file in dict.fromkeys(fix.file for fix in fixes):
        own = {fix.line: fix for fix in fixes if fix.file == file}
        rows = remarks.quarantined_rows(engine, entry.import_id, file, sorted(own))
        for row in rows:
            ours = row["rule"] == REUSED
            key = (file, row["table_name"] if ours else "", ours)
            parts.setdefault(key, []).append(own[int(row["line"])])
    return [_Part(file, table, ours, tuple(own)) for (file, table, ours), own in parts.items()]


def _mended(
    door: Door,
    entry: Entry,
    part: _Part,
    mapping: SourceMapping | None,
    settings: ImportSettings,
    *,
    by: str,
) -> Mended:
    lines = {fix.line for fix in part.fixes}
    refused = _tried(door, part.given(entry, mapping, lines), mapping, settings)
    still = [one for one in refused if one.line in lines]
    good = lines - {one.line for one in still}
    if not good:
        return Mended(0, tuple(still))
    door._forget()  # noqa: SLF001 - as every import does: what was read before is behind
    summary = imports.run_import(
        door.lake, [part.given(entry, mapping, good)], mapping=mapping, settings=settings
    )
    again = _refused_by_lake(door, summary, part.file) if summary.refused else []
    landed = good - {one.line for one in again}
    _settle(door, entry, [(part.file, line) for line in landed], "landed", by=by)
    return Mended(len(landed), (*still, *again), (summary.number,))


def _tried(
    door: Door, given: Given, mapping: SourceMapping | None, settings: ImportSettings
) -> list[StillRefused]:
    """The rows that the checks refuse, found without writing anything."""
    known = KnownFacts(door.lake, door.snapshot)
    try:
        refused = refused_of([given], mapping=mapping, settings=settings, known=known)
    except SourceError as stopped:
        raise UserError(
            f"The rows cannot be read: {stopped.what}",
            remedy=stopped.remedy,
            code="quarantine.stopped",
        ) from stopped
    return [
        StillRefused(
            one.file, one.line or 0, one.column_name, one.value or "", one.says, one.remedy
        )
        for one in refused
    ]


def _refused_by_lake(door: Door, summary: ImportSummary, file: str) -> list[StillRefused]:
    """Rows that only the lake could refuse; they wait where they waited, and not once more."""
    door._forget()  # noqa: SLF001 - as above
    engine = door.facts().engine
    lines = [
        line
        for i, name, line in remarks.quarantined(engine)
        if i == summary.import_id and name == file
    ]
    rows = remarks.quarantined_rows(engine, summary.import_id, file, lines)
    again = ledger.entries(door.lake)[summary.import_id]
    _settle(door, again, [(file, line) for line in lines], "said_before")
    return [
        StillRefused(
            file, int(row["line"]), row["column_name"] or "", row["value"] or "", row["says"],
            row["remedy"] or "",
        )
        for row in rows
    ]  # fmt: skip
