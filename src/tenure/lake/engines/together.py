"""Rows of several readings as one table."""

from __future__ import annotations

from collections.abc import Sequence

from arro3.core import Table as ArrowTable

from tenure.facts.sql import ident
from tenure.lake.engines.fence import fenced
from tenure.lake.lake import Lake

MEMORY_MB = 2048


def together(
    lake: Lake, tables: Sequence[ArrowTable], columns: Sequence[str], order: Sequence[str]
) -> ArrowTable:
    """All rows of the tables, columns found by name, in order of some of them."""
    with fenced(lake, (), memory_mb=MEMORY_MB) as connection:
        for number, rows in enumerate(tables):
            connection.register(f"rows_{number}", rows)
        every = " union all by name ".join(f"select * from rows_{n}" for n in range(len(tables)))
        listed, by = (", ".join(ident(name) for name in names) for names in (columns, order))
        return ArrowTable.from_arrow(
            connection.sql(f"select {listed} from ({every}) order by {by}")
        )
