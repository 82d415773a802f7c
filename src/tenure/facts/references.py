"""Values that refer to other tables: unknown ones are loaded all the same, parked, and counted."""

from __future__ import annotations

from collections.abc import Mapping

from tenure.facts.finding import Finding
from tenure.facts.sql import ident, literal
from tenure.facts.table import Table, table
from tenure.facts.work import Work

_EXAMPLES = 5


def note_parked(work: Work, canonical: Table, prepared: Mapping[str, str]) -> None:
    """A notice per file and column whose values refer to rows that nobody has sent yet.

    Args:
        work: the import being prepared.
        canonical: the table whose columns are looked at.
        prepared: the tables of this import, by canonical name.
    """
    for name, column in canonical.columns.items():
        if column.refers_to:
            _note_column(work, canonical, name, prepared)


def _note_column(work: Work, canonical: Table, name: str, prepared: Mapping[str, str]) -> None:
    target = table(canonical.columns[name].refers_to)
    key = target.key[0]
    known = []
    if target.id in prepared:
        known.append(f"select {ident(key)} as k from {prepared[target.id]}")
    if stored := work.known.relation(work.connection, target.id, [key]):
        known.append(f"select {ident(key)} as k from {stored}")
    ids = " union all ".join(known) or "select null::varchar as k where false"
    value = ident(name)
    unknown = (
        f"select source_file as file, source_line as line, {value} as v from {prepared[canonical.id]} "
        f"where {value} is not null and {value} not in (select k from ({ids}) where k is not null)"
    )
    where = (
        f"not known yet in {target.id}"
        if known
        else f"waiting: no {target.id} have been imported yet"
    )
    says = (
        f"sum(rows) || if(sum(rows) = 1, ' row refers to ', ' rows refer to ') || count(*) || {literal(f' {name} {where}')} "
        f"|| ', for example ' || array_to_string(list(v order by v)[1:{_EXAMPLES}], ', ')"
    )
    like = Finding(
        rule="reference.parked",
        says="",
        remedy=f"they join by themselves when the {target.id} arrive; correct them if they are misspelled",
        level="notice",
        outcome="notice",
        table_name=canonical.id,
        column_name=name,
    )
    work.note_rows(
        like,
        f"select file, min(line) as line, min(v) as value, {says} as says from "
        f"(select file, v, count(*) as rows, min(line) as line from ({unknown}) group by file, v) group by file",
    )
