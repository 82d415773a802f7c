"""Ids of the source's own that should be unique: collisions are shown, and never taken for repeats."""

from __future__ import annotations

from collections.abc import Sequence

from tenure.facts.finding import Finding
from tenure.facts.sources.stage import Staged
from tenure.facts.sql import literal, trimmed
from tenure.facts.work import SHOWN_EACH, Work


def note_collisions(work: Work, stages: Sequence[Staged], own_id: str) -> None:
    """A warning per id that stands on rows of different content, over all parts of one file."""
    parts = [
        f"select {literal(s.name)} as file, line, {s.headers.index(own_id) + 1} as column_no, "
        f"{trimmed(f'c{s.headers.index(own_id)}')} as id, "
        f"hash({', '.join(f'c{i}' for i in range(len(s.headers)))}) as content from {s.table}"
        for s in stages
        if own_id in s.headers
    ]
    if not parts:
        return
    rows = (
        "select arg_min(file, line) as file, min(line) as line, any_value(column_no) as column_no, id as value, "
        "'stands on ' || count(*) || ' rows that differ: ' || array_to_string(list(file || ':' || line order by file, line)[1:5], ', ') "
        "|| '; they are kept as separate facts wherever their keys differ' as says "
        f"from ({' union all '.join(parts)}) where id is not null "
        "group by id having count(distinct content) > 1 order by 1, 2"
    )
    like = Finding(
        rule="id.collision",
        says="",
        remedy="ask the source why one id stands on different rows",
        level="warning",
        outcome="warning",
        column_name=own_id,
    )
    count = work.count(f"select count(*) from ({rows})")
    work.note_rows(like, f"{rows} limit {SHOWN_EACH}")
    if count > SHOWN_EACH:
        says = f"and {count - SHOWN_EACH:,} more ids that stand on rows that differ"
        work.note_rows(like, f"select {literal(stages[0].name)} as file, {literal(says)} as says")
