"""What a reader sees of a table: the current row of every key, as known at some instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tenure.facts.sql import ident, literal, words_in
from tenure.facts.table import Table
from tenure.lake.engines.same import one_per_key
from tenure.lake.identities import ACCOUNTS, NOTHING, Same
from tenure.lake.shape import shape_of


@dataclass(frozen=True, slots=True)
class Reading:
    """How facts are read (rulings A6).

    `as_known_on`: only what was known before this instant; None: everything recorded. `trusted`: source ->
    whether a row it loaded late counts as known from the day it happened; overrides the table's own rule.
    `within`: of the heaviest table only rows of these accounts; None: all.
    """

    as_known_on: datetime | None = None
    trusted: Mapping[str, bool] = field(default_factory=dict)
    within: frozenset[str] | None = None


HEAVIEST = "usage_daily"
"""The table that is worth reading for some accounts only: its rows count for the account they name, and no other."""


def current_rows(
    table: Table,
    files: Sequence[str],
    *,
    has_versions: bool,
    reading: Reading,
    same: Same = NOTHING,
) -> str:
    """SQL for the current rows of `table` in `files`: one row per key, closed keys left out.

    Does not promise order. Columns are `Table.sql_columns()`. `same`: ids that are read as one.
    """
    rows = shape_of(table).scan(files)
    return current_of(table, rows, has_versions=has_versions, reading=reading, same=same)


def current_of(
    table: Table, rows: str, *, has_versions: bool, reading: Reading, same: Same = NOTHING
) -> str:
    """SQL for the current rows among `rows`, a SELECT of all that is stored."""
    found = _current_as_said(table, rows, reading, same, has_versions=has_versions)
    return one_per_key(table, found, same) if same else found


def _current_as_said(
    table: Table, rows: str, reading: Reading, same: Same, *, has_versions: bool
) -> str:
    """The current rows under the ids of their sources."""
    if reading.within is not None and table.id == HEAVIEST:
        also = {a for a, kept in same.get(ACCOUNTS, {}).items() if kept in reading.within}
        whose = words_in(sorted(reading.within | also) or [""])
        rows = f"select * from ({rows}) where account_id in {whose}"
    if reading.as_known_on is not None:
        rows = f"select * from ({rows}) where {known_at(table, reading.trusted)} < {_instant(reading.as_known_on)}"
    if not has_versions:
        return rows
    keys = ", ".join(ident(column) for column in table.key)
    return f"""
        select * from (
          select * from ({rows})
          qualify row_number() over (partition by {keys} order by version_at desc, commit_no desc) = 1
        )
        where not is_closed
        """


def known_at(table: Table, trusted: Mapping[str, bool]) -> str:
    """SQL for the instant a row counts as known.

    A closing is known when it was recorded, however old the fact it closes: nobody can have missed a row
    from an export before that export was made.
    """
    if not table.happened:
        return "recorded_at"
    backfilled = f"least(recorded_at, {ident(table.happened)}::timestamp)"
    default = backfilled if table.backfill_trusted else "recorded_at"
    cases = "".join(
        f" when source = {literal(source)} then {backfilled if yes else 'recorded_at'}"
        for source, yes in sorted(trusted.items())
    )
    return f"case when is_closed then recorded_at{cases} else {default} end"


def _instant(moment: datetime) -> str:
    utc = moment.astimezone(UTC) if moment.tzinfo else moment
    return f"timestamp '{utc.replace(tzinfo=None).isoformat(sep=' ')}'"
