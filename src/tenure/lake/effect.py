"""What an import would do to the stored rows, asked before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from tenure.facts.prepare import Prepared
from tenure.kernel import clock
from tenure.lake.classify import Batch, classify
from tenure.lake.commit import TableCounts, counted
from tenure.lake.lake import Lake
from tenure.lake.shape import shape_of


def effect_of(
    lake: Lake, connection: Any, prepared: Prepared, *, corrects: Collection[str] = ()
) -> Mapping[str, Mapping[str, int]]:
    """By table: rows `new`, `replaced`, `repeats`, `refused` (an event's id used twice), and `closed` keys.

    Args:
        lake: what is stored.
        connection: the DuckDB connection that holds the prepared tables; classes are made in it.
        prepared: as an import would commit it.
        corrects: ids of imports that would be read anew.
    """
    unsure = any(file.refused or file.stopped for file in prepared.files)
    found = {}
    for name, relation in prepared.tables.items():
        table = lake.table(name)
        handle = lake.handle(shape_of(table).name)
        if handle is None:
            ((rows,),) = connection.execute(f"select count(*) from {relation}").fetchall()
            found[name] = asdict(TableCounts(new=rows))
            continue
        batch = Batch(
            connection, table, relation, "", clock.now(),
            unsure=unsure, corrects=tuple(sorted(corrects)),
        )  # fmt: skip
        classify(batch, handle)
        found[name] = asdict(sum(counted(batch).values(), TableCounts()))
    return found
