"""Refused rows corrected, read differently or left out by a person: each an entry of the audit trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from tenure.desk.home import home
from tenure.desk.map_files import read_word_as
from tenure.desk.models import AuditEntry, Person, Upload
from tenure.desk.uploads import sees_values
from tenure.facts.fix import read_fix
from tenure.kernel.errors import UserError
from tenure.lake import intake, ledger
from tenure.workspace import Workspace
from tenure.workspace.quarantine import Fix, Mended

MOST_ROWS = 20_000
"""How many rows one act may correct; more are corrected in the source, and delivered again."""


@dataclass(frozen=True, slots=True)
class ReadAs:
    """A value of a source column that is to be read as another one; an empty one: as no value."""

    column: str
    value: str
    instead: str


def mend_rows(person: Person, number: int, fixes: Sequence[Fix]) -> Mended:
    """What became of corrected rows of an import; the same checks again, good ones land.

    Raises:
        UserError: nothing to do, too many rows, or a row that waits no more.
    """
    _check_may(person, number)
    if not fixes:
        raise UserError(
            "No row was corrected.", remedy="Change a value first.", code="quarantine.none"
        )
    if len(fixes) > MOST_ROWS:
        raise UserError(
            f"{len(fixes):,} rows are too many to correct here.",
            remedy="Correct them in the source, and deliver it again.",
            code="quarantine.many",
        )
    done = _opened().mend(number, fixes, by=person.name)
    note_rows(person, "correct rows", number, {"landed": done.landed, "still": len(done.still)})
    return done


def mend_from_file(person: Person, number: int, file: str, text: str) -> Mended:
    """As `mend_rows`, with the rows as they were downloaded and corrected.

    Raises:
        UserError: it is not the downloaded file, or a row waits no more.
    """
    _check_may(person, number)
    waiting = {row.line: row for row in _opened().waiting_rows(number, file, limit=MOST_ROWS)}
    fixes = [
        Fix(file, line, cells)
        for line, cells in read_fix(text)
        if line in waiting and not _same(cells, waiting[line].cells)
    ]
    return mend_rows(person, number, fixes)


def read_value_as(
    person: Person, number: int, file: str, said: ReadAs, *, from_now_on: bool
) -> Mended:
    """Every waiting row of a file with that value in that column, read as another value.

    Args:
        person: who says so.
        number: the import.
        file: whose rows.
        said: column, value and what to read instead.
        from_now_on: also keep it in the source's mapping, for deliveries to come.

    Raises:
        UserError: no row holds it, or the mapping cannot say it.
    """
    _check_may(person, number)
    workspace = _opened()
    rows = [
        row
        for row in workspace.waiting_rows(number, file, limit=MOST_ROWS)
        if (row.cells.get(said.column) or "").strip() == said.value
    ]
    if not rows:
        raise UserError(
            f"No waiting row holds `{said.value}` in `{said.column}`.",
            remedy="Look again: somebody may have dealt with it.",
            code="quarantine.gone",
        )
    if from_now_on:
        entry = next(e for e in ledger.entries(workspace.lake).values() if e.number == number)
        mapping = intake.how_said(entry.how)[0] if entry.how else None
        source = workspace.source_of_import(number)
        read_word_as(person, source, mapping, file, {said.column: {said.value: said.instead}})
    fixes = [Fix(file, row.line, {**row.cells, said.column: said.instead}) for row in rows]
    return mend_rows(person, number, fixes)


def leave_out_rows(person: Person, number: int, rows: Sequence[tuple[str, int]], why: str) -> int:
    """How many rows are left out for good, with the person's reason.

    Raises:
        UserError: no reason, no row, or one that waits no more.
    """
    _check_may(person, number)
    if not rows:
        raise UserError("No row was chosen.", remedy="Choose rows first.", code="quarantine.none")
    count = _opened().leave_out(number, rows, by=person.name, why=why)
    note_rows(person, "leave rows out", number, {"rows": count, "why": why})
    return count


def may_mend(person: Person, number: int) -> bool:
    """Whether the person may read and mend what an import refused."""
    return sees_values(person, Upload.objects.filter(number=number).first())


def note_rows(person: Person, verb: str, number: int, content: Mapping[str, object]) -> None:
    """The act in the audit trail, under the import."""
    with transaction.atomic():
        AuditEntry.objects.create(
            by=person, verb=verb, about=f"import {number}", content=dict(content)
        )


def _check_may(person: Person, number: int) -> None:
    if not may_mend(person, number):
        raise UserError(
            "What stands in these rows is not yours to read.",
            remedy="Ask somebody in CS ops.",
            code="quarantine.foreign",
        )


def _same(cells: Mapping[str, str], before: Mapping[str, str | None]) -> bool:
    return all((before.get(name) or "") == cell for name, cell in cells.items())


def _opened() -> Workspace:
    return Workspace.open(home().folder)
