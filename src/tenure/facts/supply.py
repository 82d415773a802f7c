"""Where each canonical column of a file comes from: a source column, a constant, a lookup."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches

from tenure.facts.checks.words import squeezed, squeezed_sql
from tenure.facts.finding import Finding, Stopped
from tenure.facts.fix import EXPLANATIONS, without_guard
from tenure.facts.mapping import Lookup
from tenure.facts.reading import Reading
from tenure.facts.sources.stage import Staged
from tenure.facts.sql import trimmed, words_in
from tenure.facts.table import Column, Table

VERSION_COLUMNS = ("recorded_at", "updated_at")
"""Columns a file may carry beside the canonical ones: when known, and which version is newer."""


@dataclass(frozen=True, slots=True)
class Supply:
    """One canonical column's text as SQL over the stage `s` and the lookups joined to it.

    `header` and `position` (1 = first) name the source column for findings; `raw` is its cell as SQL.
    Of a looked-up value `key_text` is what was looked up, and `lost` holds where nothing was found.
    """

    text: str
    raw: str
    header: str
    position: int | None = None
    lookup: Lookup | None = None
    key_text: str = ""
    lost: str = "false"


@dataclass(slots=True)
class Plan:
    """How one staged file feeds one canonical table; `number` tells the file's plans apart.

    `source` is the relation that the supplies' SQL reads: the stage and its lookups. `only` is the
    SQL condition for the rows that feed the table.
    """

    staged: Staged
    table: Table
    reading: Reading
    supplies: dict[str, Supply]
    only: str = "true"
    distinct: bool = False
    source: str = ""
    number: int = 0
    findings: list[Finding] = field(default_factory=list)


def cell(staged: Staged, header: str, reading: Reading) -> str:
    """SQL for the trimmed cell of `header`; null where it is empty or a declared word for missing."""
    raw = f"s.c{staged.headers.index(header)}"
    if set(EXPLANATIONS) <= set(staged.headers):
        raw = without_guard(raw)
    text = trimmed(raw)
    if reading.missing:
        words = words_in(tuple(squeezed(word) for word in reading.missing))
        text = f"case when {squeezed_sql(text)} in {words} then null else {text} end"
    return text


def header_meant(headers: list[str], name: str) -> str | None:
    """The header that a mapping means by `name`: the exact one, else the first that is the same word."""
    if name in headers:
        return name
    return next((header for header in headers if squeezed(header) == squeezed(name)), None)


def matching_header(name: str, column: Column | None, headers: list[str]) -> str | None:
    """The header that means the canonical column: exact, then squeezed, then by alias."""
    if name in headers:
        return name
    by_squeezed = {squeezed(header): header for header in reversed(headers)}
    for spelling in (name, *(column.aliases if column else ())):
        if (found := by_squeezed.get(squeezed(spelling))) is not None:
            return found
    return None


def canonical_plan(staged: Staged, table: Table, reading: Reading) -> Plan:
    """The plan of a file that is named after a canonical table.

    Raises:
        Stopped: `column.missing`, when a required column is not in the header.
    """
    plan = Plan(staged, table, reading, {})
    free = [header for header in staged.headers if header not in EXPLANATIONS]
    exact = {name for name in table.columns if name in free}
    for name, column in table.columns.items():
        usable = [header for header in free if header not in exact or header == name]
        header = matching_header(name, column, usable)
        if header is None:
            if column.required and staged.headers:
                raise _required_missing(staged, name, free)
            continue
        free.remove(header)
        plan.supplies[name] = plain(staged, header, reading)
    for name in VERSION_COLUMNS:
        header = getattr(reading, name) or (name if name in free else "")
        if header:
            plan.supplies[name] = _declared(staged, header, reading, name)
            free = [other for other in free if other != header]
    plan.findings += [_unknown(staged, header, table) for header in free]
    return plan


def _declared(staged: Staged, header: str, reading: Reading, name: str) -> Supply:
    if header not in staged.headers:
        raise absent(staged, header, f"which is declared as {name}")
    return plain(staged, header, reading)


def plain(staged: Staged, header: str, reading: Reading) -> Supply:
    """The supply that is a source column as it stands."""
    index = staged.headers.index(header)
    return Supply(cell(staged, header, reading), f"s.c{index}", header, index + 1)


def _required_missing(staged: Staged, name: str, headers: list[str]) -> Stopped:
    near = get_close_matches(name, headers, n=1, cutoff=0.5)
    nearest = f"; the nearest is `{near[0]}`" if near else ""
    shown = ", ".join(f"`{header}`" for header in headers[:20]) or "none"
    return Stopped(
        f"The column `{name}`, which every row must have, is not in the header{nearest}.",
        code="column.missing", file=staged.name, line=1,
        remedy=f"Rename the column to `{name}`, or import the file through a mapping. Found: {shown}.",
    )  # fmt: skip


def _unknown(staged: Staged, header: str, table: Table) -> Finding:
    near = get_close_matches(header, list(table.columns), n=1, cutoff=0.6)
    hint = f"rename it to `{near[0]}` if that is meant" if near else "map it, or leave it out"
    return Finding(
        rule="column.unknown",
        level="warning",
        outcome="warning",
        table_name=table.id,
        file=staged.name,
        line=1,
        column_no=staged.headers.index(header) + 1,
        column_name=header,
        says=f"is no column of {table.id}; the rows are imported without it",
        remedy=hint,
    )


def absent(staged: Staged, header: str, why: str) -> Stopped:
    """The refusal of a file without the column `header`; `why` says what it is for."""
    near = get_close_matches(header, staged.headers, n=1, cutoff=0.5)
    nearest = f"; the nearest is `{near[0]}`" if near else ""
    return Stopped(
        f"The column `{header}`, {why}, is not in the header{nearest}.", code="column.missing",
        file=staged.name, line=1, remedy="Export it again with that column, or change the mapping.",
    )  # fmt: skip
