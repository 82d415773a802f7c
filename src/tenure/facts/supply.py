"""Where each canonical column of a file comes from: a source column, a constant, a lookup."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from tenure.facts.checks.words import squeezed, squeezed_sql
from tenure.facts.conversions import constant, converted
from tenure.facts.finding import Finding, Stopped
from tenure.facts.fix import EXPLANATIONS, without_guard
from tenure.facts.mapping import Conversion, Lookup, MappedFile, Take, Target
from tenure.facts.reading import Reading
from tenure.facts.sources.stage import Staged
from tenure.facts.sql import literal, trimmed, words_in
from tenure.facts.table import Column, Table

VERSION_COLUMNS = ("recorded_at", "updated_at")
"""Columns a file may carry beside the canonical ones: when known, and which version is newer."""


@dataclass(frozen=True, slots=True)
class Supply:
    """One canonical column's text as SQL over the stage `s` and the lookups joined to it.

    `header` and `position` (1 = first) name the source column for findings; `raw` is its cell as SQL.
    """

    text: str
    raw: str
    header: str
    position: int | None = None
    conversion: Conversion = ""
    lookup: Lookup | None = None
    key_text: str = ""


@dataclass(slots=True)
class Plan:
    """How one staged file feeds one canonical table.

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
        raise _not_there(staged, header, f"which is declared as {name}")
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


def _not_there(staged: Staged, header: str, why: str) -> Stopped:
    near = get_close_matches(header, staged.headers, n=1, cutoff=0.5)
    nearest = f"; the nearest is `{near[0]}`" if near else ""
    return Stopped(
        f"The column `{header}`, {why}, is not in the header{nearest}.", code="column.missing",
        file=staged.name, line=1, remedy="Export it again with that column, or change the mapping.",
    )  # fmt: skip


def mapped_plan(
    staged: Staged,
    target: tuple[Table, Target],
    *,
    file: MappedFile,
    reading: Reading,
    joined: Callable[[Lookup, str], str],
) -> Plan:
    """The plan of a mapped file for one of its targets.

    `joined` gives the SQL of a looked-up value for a key's SQL, and sees to the join.

    Raises:
        Stopped: `column.missing`, when the mapping names a column that the file lacks.
    """
    table, wanted = target
    plan = Plan(staged, table, reading, {}, distinct=wanted.distinct)
    takes = {
        name: Take(column=take) if isinstance(take, str) else take
        for name, take in wanted.columns.items()
    }
    for name, take in takes.items():
        absent = [h for h in (take.column, *take.when) if h and h not in staged.headers]
        if absent and set(absent) <= set(file.optional) and not table.columns[name].required:
            continue
        if absent:
            raise _not_there(staged, absent[0], f"which the mapping reads into {table.id}.{name}")
        plan.supplies[name] = _taken(staged, take, reading, joined)
    plan.only = _condition(staged, wanted.only, reading)
    for name in VERSION_COLUMNS:
        if getattr(reading, name):
            plan.supplies[name] = _declared(staged, getattr(reading, name), reading, name)
    return plan


def _taken(
    staged: Staged, take: Take, reading: Reading, joined: Callable[[Lookup, str], str]
) -> Supply:
    if take.column:
        base = plain(staged, take.column, reading)
        text = base.text
    else:
        base = Supply("", "null::varchar", "(constant)")
        text = constant(take.constant)
    if take.words:
        cases = " ".join(
            f"when {literal(squeezed(word))} then {literal(ours)}"
            for word, ours in take.words.items()
        )
        text = f"case {squeezed_sql(text)} {cases} else {text} end"
    text = converted(text, take.convert, currency=_currency(staged, take, reading))
    key = text
    if take.lookup is not None:
        text = joined(take.lookup, text)
    if take.prefix:
        text = f"{literal(take.prefix)} || {text}"
    if take.when:
        holds = _condition(staged, take.when, reading)
        text = f"case when {holds} then {text} else {constant(take.otherwise)} end"
    return Supply(text, base.raw, base.header, base.position, take.convert, take.lookup, key)


def _currency(staged: Staged, take: Take, reading: Reading) -> str:
    if not take.currency:
        return "null::varchar"
    if take.currency in staged.headers:
        return cell(staged, take.currency, reading)
    return literal(take.currency)


def _condition(staged: Staged, wanted: Mapping[str, tuple[str, ...]], reading: Reading) -> str:
    """SQL that holds where each named column has one of its words; an empty word is a missing value."""
    parts = []
    for header, words in wanted.items():
        if header not in staged.headers:
            raise _not_there(staged, header, "by which the mapping chooses rows")
        text = cell(staged, header, reading)
        named = [squeezed(word) for word in words if word]
        either = [f"{squeezed_sql(text)} in {words_in(named)}"] if named else []
        either += [f"{text} is null"] if "" in words else []
        parts.append("(" + " or ".join(either or ["false"]) + ")")
    return "coalesce(" + " and ".join(parts) + ", false)" if parts else "true"
