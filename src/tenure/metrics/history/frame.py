"""Rows of a history as a caller gets them: plain rows, a pandas frame, or an Arrow stream for anything else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tenure.metrics.asked import Note


@dataclass(frozen=True, slots=True)
class Frame:
    """A row per account and as_of: as_of, account_id, then per number its value and `<name>__why`.

    A number that is Unknown is None, with its reason in the column `<name>__why`; everything else there is
    empty. `notes` are what the rows should not be read without.

    Example:
        polars.DataFrame(ws.history(["nps"])), or any reader that knows the Arrow capsule.
    """

    columns: tuple[str, ...]
    held: Any
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        """How many rows."""
        return int(self.held.num_rows)

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        """Each row by column."""
        lists = [self.held[name].to_pylist() for name in self.columns]
        for row in zip(*lists, strict=True):
            yield dict(zip(self.columns, row, strict=True))

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The rows as an Arrow stream, for readers that know the capsule."""
        return self.held.__arrow_c_stream__(requested_schema)

    def to_pandas(self) -> Any:
        """The rows as a pandas frame; decimals stay Decimal, days are dates."""
        import pandas as pd

        return pd.DataFrame(
            {name: self.held[name].to_pylist() for name in self.columns}, columns=list(self.columns)
        )
