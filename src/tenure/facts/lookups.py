"""Values found elsewhere: in another file of the same mapping, or in the lake."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenure.facts.conditions import meets
from tenure.facts.known import Known
from tenure.facts.mapping import Lookup, Mapping, Words
from tenure.facts.reading import Reading, Settings
from tenure.facts.sources.stage import Staged
from tenure.facts.sql import ident
from tenure.facts.supply import cell, header_meant
from tenure.facts.table import table


class Lookups:
    """The keys and values of one import's lookups, each made once, as tables of DuckDB.

    `given` names the files of the mapping that are in the import.
    """

    def __init__(
        self,
        connection: Any,
        staged: Sequence[Staged],
        *,
        mapping: Mapping,
        settings: Settings,
        known: Known,
    ) -> None:
        """Remember where values may be found."""
        self._connection, self._staged, self._known = connection, staged, known
        self._mapping, self._settings = mapping, settings
        self._made: dict[str, str] = {}
        claimed = [mapping.file_for(one.name) for one in staged]
        self.given = {file[0] for file in claimed if file is not None}

    def found(self, lookup: Lookup) -> str:
        """The table (k, v, answers) of keys, their values, and how many each has; one row per key."""
        name = repr(lookup)
        if name not in self._made:
            self._made[name] = self._make(lookup, f"lookup_{len(self._made)}")
        return self._made[name]

    def _make(self, lookup: Lookup, name: str) -> str:
        """A key with two values has none, for nobody could choose, unless their rows have an order."""
        parts = [*self._from_files(lookup), *self._from_lake(lookup)]
        nothing = "select null::varchar as k, null::varchar as v, null::varchar as r, 0 as o"
        union = " union all ".join(parts) or nothing
        self._connection.execute(
            f"create or replace table {name} as with found as ({union}), "
            "near as (select *, min(o + (v is null)::int * 2) over (partition by k) as first "
            "from found where k is not null), best as (select *, max(r) over (partition by k) as last "
            "from near where o + (v is null)::int * 2 = first) "
            "select k, case when count(distinct v) = 1 then min(v) end as v, count(distinct v) as answers "
            "from best where r is not distinct from last group by k"
        )
        return name

    def _from_files(self, lookup: Lookup) -> list[str]:
        parts = []
        for staged in self._staged:
            claimed = self._mapping.file_for(staged.name)
            if claimed is None or claimed[0] != lookup.file:
                continue
            reading = self._settings.for_file(staged.name, claimed[1].reading())
            key = _cell(staged, lookup.key, reading)
            if key is None:
                continue
            value = _cell(staged, lookup.column, reading) or "null::varchar"
            order = _cell(staged, lookup.latest, reading) if lookup.latest else None
            parts.append(
                f"select {key} as k, {value} as v, {_ordered(order)} as r, 0 as o "
                f"from {staged.table} s where {_where(staged, lookup.only, reading)}"
            )
        return parts

    def _from_lake(self, lookup: Lookup) -> list[str]:
        """The stored rows that the looked-up file, or the named table, once became."""
        if lookup.table:
            places = [(lookup.table, lookup.key, lookup.column)]
        elif lookup.only:
            return []  # the lake does not keep the columns of the condition
        else:
            places = []
            for canonical, target in self._mapping.files[lookup.file].targets():
                ours = {
                    take: name for name, value in target.columns.items() for take in _plain(value)
                }
                if lookup.key in ours and lookup.column in ours:
                    places.append((canonical.id, ours[lookup.key], ours[lookup.column]))
        parts = []
        for name, key, value in places:
            columns = list(dict.fromkeys([key, value]))
            stored = self._known.relation(self._connection, table(name).id, columns)
            if stored:
                parts.append(
                    f"select {ident(key)}::varchar as k, {ident(value)}::varchar as v, "
                    f"null::varchar as r, 1 as o from {stored}"
                )
        return parts


def _plain(value: object) -> list[str]:
    """The source columns that become one of ours as they stand."""
    if isinstance(value, tuple):
        return [part for part in value if isinstance(part, str)]
    return [value] if isinstance(value, str) else []


def _cell(staged: Staged, name: str, reading: Reading) -> str | None:
    header = header_meant(staged.headers, name)
    return None if header is None else cell(staged, header, reading)


def _ordered(order: str | None) -> str:
    """The text by which rows are ordered: a moment in one form, other text as it is."""
    if order is None:
        return "null::varchar"
    moment = f"strftime(try_cast({order} as timestamp), '%Y-%m-%d %H:%M:%S.%f')"
    return f"coalesce({moment}, {order}, '')"


def _where(staged: Staged, only: Words, reading: Reading) -> str:
    """The rows that count; a column that is absent is read as empty."""
    parts = [
        meets(_cell(staged, name, reading) or "null::varchar", words, reading)
        for name, words in only.items()
    ]
    return " and ".join(parts) or "true"
