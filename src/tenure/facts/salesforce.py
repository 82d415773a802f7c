"""How one Salesforce contract row is read: the shipped mapping's own word on ends and terms (metrics 8.5)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tenure.facts.checks.words import squeezed
from tenure.facts.connection import connect
from tenure.facts.given import Given
from tenure.facts.known import NothingKnown
from tenure.facts.mapping import find_mapping
from tenure.facts.prepare import prepare
from tenure.facts.reading import Settings
from tenure.facts.sources.rows import text_of
from tenure.kernel import clock
from tenure.kernel.days import parse_day
from tenure.kernel.errors import SourceError, UserError

GRACE_DAYS = 30
"""How long after the end the clock is still shown, as `renewal_grace_days` has it by default (G5)."""


@dataclass(frozen=True, slots=True)
class _Read:
    start: date | None
    end: date | None
    status: str | None


def import_salesforce_contract(row: Mapping[str, Any], as_of: date | str) -> dict[str, Any]:
    """How a Salesforce contract row is understood: its EndDate is the last day of service (metrics G1, 8.5).

    The row goes through the shipped mapping `salesforce`, as a file with it would.

    Args:
        row: the columns of the object Contract, named as Data Loader or a connector names them; values as
            text, dates or numbers. Without EndDate, StartDate and ContractTerm tell the end.
        as_of: the day asked about, at its end.

    Returns:
        `end_date`: the first day without service, None for an open contract. `days_to_renewal`: civil days
        from `as_of` to it; negative within the grace of 30 days, None later, before the start, for a draft
        and for an open contract. `in_force`: whether `as_of` is a day of service.

    Raises:
        UserError: `salesforce.row`, when the row could not be imported, with the reason.
    """
    day = parse_day(as_of) if isinstance(as_of, str) else as_of
    day = day.date() if isinstance(day, datetime) else day
    read = _read(row)
    started = read.start is None or read.start <= day
    counts = started and read.status != "draft"
    left = None if read.end is None else (read.end - day).days
    return {
        "end_date": read.end,
        "days_to_renewal": left if counts and left is not None and left > -GRACE_DAYS else None,
        "in_force": counts and (left is None or left > 0),
    }


def _read(row: Mapping[str, Any]) -> _Read:
    cells = {str(name): text_of(value) for name, value in row.items()}
    known = {squeezed(name) for name in cells}
    if not known & {"startdate", "enddate", "contractterm"}:
        raise _unreadable("It has none of StartDate, EndDate and ContractTerm.")
    # The ids decide nothing here, and a row shown by itself often lacks them.
    filled = {squeezed(name) for name, text in cells.items() if text}
    cells |= {name: "this row" for name in ("Id", "AccountId") if squeezed(name) not in filled}
    cells |= {name: None for name in ("StartDate", "EndDate") if squeezed(name) not in known}
    digest = hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()
    given = Given("contract.row", None, [cells], None, digest)
    with connect() as connection:
        try:
            prepared = prepare(
                connection,
                [given],
                mapping=find_mapping("salesforce"),
                settings=Settings(),
                loaded_at=clock.now(),
                import_id="row",
                known=NothingKnown(),
            )
        except SourceError as error:
            raise _unreadable(f"{error.what} {error.remedy}") from error
        found = connection.execute(
            f"select start_date, end_date, status from {prepared.tables['contracts']}"
        ).fetchone()
        if found is None:
            raise _unreadable(_why(connection, prepared.findings))
    return _Read(*found)


def _why(connection: Any, findings: str) -> str:
    refused = connection.execute(
        f"select column_name, value, says, remedy from {findings} where outcome = 'refused' limit 1"
    ).fetchone()
    if refused is None:
        return "It is marked as deleted or superseded."
    column, value, says, remedy = refused
    return f"{column} `{value}` {says}: {remedy}."


def _unreadable(why: str) -> UserError:
    return UserError(
        f"The Salesforce contract row cannot be imported. {why}",
        remedy="Give the columns of the object Contract: StartDate, EndDate, ContractTerm, Status.",
        code="salesforce.row",
    )
