"""Numbers made anew beside those that are kept: which as-ofs differ, and their rows with the new in place of the old."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from arro3.core import Table as ArrowTable

from tenure.facts.sql import ident, literal
from tenure.lake.engines.kept import Kept
from tenure.lake.values import WHY
from tenure.metrics.history.stale import Job

MADE, KEPT, TOUCHED = "@made", "@kept", "history_touched"


@dataclass(frozen=True, slots=True)
class Anew:
    """What one job made: its rows (as_of, account_id, values and reasons) and the columns of its metrics."""

    job: Job
    rows: ArrowTable
    columns: Sequence[str]

    @property
    def both(self) -> list[str]:
        """The columns of values and of reasons."""
        return [name for column in self.columns for name in (column, column + WHY)]


class Renewed:
    """The rows of one part on the as-ofs of some jobs. Not frozen: it registers what was made with the engine."""

    def __init__(self, kept: Kept, part: str, every: Sequence[Anew], metrics: int) -> None:
        """`metrics`: how many the part has; where all are made, rows may also come and go."""
        self.kept, self.part, self.every = kept, part, every
        for number, anew in enumerate(every):
            kept.register(_name(number), anew.rows)
        self.whole = {
            day
            for anew in every
            for day in anew.job.days
            if sum(len(other.job.metrics) for other in every if day in other.job.days) == metrics
        }
        accounts = [anew.job.accounts for anew in every]
        self.accounts = (
            None if None in accounts else frozenset[str]().union(*(a for a in accounts if a))
        )
        named = sorted(self.accounts or ())
        kept.register(TOUCHED, _column("account_id", named))

    def days(self) -> tuple[date, ...]:
        """The as-ofs on which anything differs from what is kept."""
        own = sorted({column for anew in self.every for column in anew.both})
        days = sorted({day for anew in self.every for day in anew.job.days})
        differs = [f'kept."{KEPT}" is null', f"not {self._stays()}"]
        for number, anew in enumerate(self.every):
            name = _name(number)
            new, old = (
                ", ".join(f"{side}.{ident(c)}" for c in anew.both) for side in (name, "kept")
            )
            differs.append(f'({name}."{MADE}" and row({new}) is distinct from row({old}))')
        found = self.kept.rows(
            f"select distinct as_of from {self._joined(days, own)} where {' or '.join(differs)} order by 1"
        )
        return tuple(day for (day,) in found)

    def rows(self, days: Sequence[date], columns: Mapping[str, str], run: int) -> str:
        """SQL for all rows of these as-ofs, as made by `run`."""
        both = [name for column in columns for name in (column, column + WHY)]
        listed = ", ".join(f"{text} as {ident(name)}" for name, text in self._values(both))
        return (
            f"select as_of, account_id, {int(run)}::bigint as run, {listed} "
            f"from {self._joined(days, both)} where {_is_among(days)} and {self._stays()}"
        )

    def _values(self, columns: Sequence[str]) -> Iterator[tuple[str, str]]:
        for column in columns:
            text = f"kept.{ident(column)}"
            for number, anew in enumerate(self.every):
                if column in anew.both:
                    name = _name(number)
                    text = f'case when {name}."{MADE}" then {name}.{ident(column)} else {text} end'
            yield column, text

    def _joined(self, days: Sequence[date], columns: Sequence[str]) -> str:
        listed = ", ".join(ident(name) for name in ("as_of", "account_id", *columns))
        kept = (
            f'select {listed}, true as "{KEPT}" from ({self.kept.part(self.part, days, columns)})'
        )
        made = "".join(
            f" full join {_name(number)} using (as_of, account_id)"
            for number in range(len(self.every))
        )
        return f"({kept}) as kept{made}"

    def _stays(self) -> str:
        """SQL that holds unless the row is one that is there no more: it could have been made, and was not."""
        made = " or ".join(f'coalesce({_name(n)}."{MADE}", false)' for n in range(len(self.every)))
        if not self.whole:
            return "true"
        whole = _is_among(sorted(self.whole))
        whose = (
            "true" if self.accounts is None else f"account_id in (select account_id from {TOUCHED})"
        )
        return f"({made} or not ({whole} and {whose}))"


def _name(number: int) -> str:
    return f"history_anew_{number}"


def _is_among(days: Sequence[date]) -> str:
    listed = ", ".join(f"date {literal(day.isoformat())}" for day in days) or "null::date"
    return f"as_of in ({listed})"


def _column(name: str, words: Sequence[str]) -> ArrowTable:
    from arro3.core import Array, DataType

    return ArrowTable.from_pydict({name: Array(list(words), type=DataType.string())})


def arrow(stream: Any) -> ArrowTable:
    """The rows of a stream, held in memory."""
    return ArrowTable.from_arrow(stream)
