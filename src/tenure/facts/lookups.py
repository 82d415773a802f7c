"""Values found elsewhere: in another file of the same mapping, or in the lake."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenure.facts.known import Known
from tenure.facts.mapping import Lookup, Mapping
from tenure.facts.reading import Settings
from tenure.facts.sources.stage import Staged
from tenure.facts.sql import ident
from tenure.facts.supply import cell
from tenure.facts.table import table


class Lookups:
    """The lookups one file needs, joined to its stage under the name `s`."""

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
        self._joins: list[str] = []
        self._made: dict[Lookup, str] = {}

    def joined(self, lookup: Lookup, key: str) -> str:
        """SQL of the value for the key's SQL; the join is added to `source`."""
        made = self._made.get(lookup) or self._make(lookup)
        self._made[lookup] = made
        alias = f"found_{len(self._joins)}"
        self._joins.append(f"left join {made} {alias} on {alias}.k = {key}")
        return f"{alias}.v"

    def source(self, staged: Staged) -> str:
        """The stage with all joins, for `from`."""
        return " ".join([f"{staged.table} s", *self._joins])

    def _make(self, lookup: Lookup) -> str:
        """A table of keys and values; a key with two values has none, for nobody could choose."""
        name = f"lookup_{self._staged[0].table}_{len(self._made)}_{len(self._joins)}"
        parts = [*self._from_files(lookup), *self._from_lake(lookup)]
        union = " union all ".join(parts) or "select null::varchar as k, null::varchar as v, 0 as o"
        self._connection.execute(
            f"create or replace table {name} as with found as ({union}), "
            "best as (select k, v, o, min(o) over (partition by k) as first from found "
            "where k is not null and v is not null) "
            "select k, case when count(distinct v) = 1 then min(v) end as v from best "
            "where o = first group by k"
        )
        return name

    def _from_files(self, lookup: Lookup) -> list[str]:
        parts = []
        for staged in self._staged:
            claimed = self._mapping.file_for(staged.name)
            if claimed is None or claimed[0] != lookup.file:
                continue
            if lookup.key in staged.headers and lookup.column in staged.headers:
                reading = self._settings.for_file(staged.name, claimed[1].reading())
                key, value = (cell(staged, h, reading) for h in (lookup.key, lookup.column))
                parts.append(f"select {key} as k, {value} as v, 0 as o from {staged.table} s")
        return parts

    def _from_lake(self, lookup: Lookup) -> list[str]:
        """The stored rows that the looked-up file, or the named table, once became."""
        if lookup.table:
            places = [(lookup.table, lookup.key, lookup.column)]
        else:
            places = []
            for canonical, target in self._mapping.files[lookup.file].targets():
                ours = {
                    take: name for name, take in target.columns.items() if isinstance(take, str)
                }
                if lookup.key in ours and lookup.column in ours:
                    places.append((canonical.id, ours[lookup.key], ours[lookup.column]))
        parts = []
        for name, key, value in places:
            columns = list(dict.fromkeys([key, value]))
            stored = self._known.relation(self._connection, table(name).id, columns)
            if stored:
                parts.append(
                    f"select {ident(key)}::varchar as k, {ident(value)}::varchar as v, 1 as o from {stored}"
                )
        return parts
