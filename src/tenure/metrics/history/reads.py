"""What a history is asked: some metrics of some accounts over time, or of everybody on one day."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from arro3.core import Table as ArrowTable

from tenure.facts.sql import ident
from tenure.kernel.errors import UnknownName, UserError
from tenure.lake.engines.kept import Kept, of_metrics
from tenure.lake.refreshes import History
from tenure.metrics.asked import Note
from tenure.metrics.history.frame import Frame

KEYS = ("as_of", "account_id")
ANY_DAY = (date(1, 1, 1), date(9999, 12, 31))


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one state of the history; `behind` says whether newer facts have come in since."""

    kept: Kept
    behind: bool

    @property
    def history(self) -> History:
        """What is read."""
        return self.kept.history

    def over_time(
        self, metrics: Sequence[str], accounts: Sequence[str] | None, span: tuple[date, date]
    ) -> Frame:
        """Rows of the accounts (None: all) on the as-ofs of the span, by as_of and account."""
        parts = self._parts(metrics)
        if accounts is not None:
            rows = {n: self.kept.accounts(n, own, accounts, span) for n, own in parts.items()}
            ordered = [f"{text} order by as_of, account_id" for text in rows.values()]
            tables = [{c: t[c] for c in t.column_names} for t in self.kept.tables(ordered)]
            beside = self._beside(parts, tables)
            return self._joined(parts, rows) if beside is None else beside
        days = [day for day in self.days() if span[0] <= day <= span[1]]
        return self._joined(parts, {n: self._on(n, own, days) for n, own in parts.items()})

    def on_day(self, metrics: Sequence[str], day: date) -> Frame:
        """A row of every account on one as_of.

        Raises:
            UserError: the history does not hold that day.
        """
        days = self.days()
        if day not in days:
            earlier = [one for one in days if one < day]
            near = f"; the one before is {earlier[-1]}" if earlier else ""
            raise UserError(
                f"The history holds no {day}{near}.",
                remedy="Ask one of its days, or read it live with `tenure metric`.",
                code="history.day",
            )
        parts = self._parts(metrics)
        beside = self._beside(parts, self.kept.on_day(parts, day))
        if beside is not None:
            return beside
        return self._joined(parts, {n: self._on(n, own, [day]) for n, own in parts.items()})

    def days(self) -> list[date]:
        """The as-ofs that the history holds, in order."""
        return sorted({day for part in self.history.parts.values() for day in part.runs})

    def _on(self, name: str, columns: Sequence[str], days: Collection[date]) -> str:
        wanted = ", ".join(ident(c) for c in ("as_of", "account_id", *columns))
        return f"select {wanted} from ({self.kept.part(name, days, columns)})"

    def _parts(self, metrics: Sequence[str]) -> dict[str, list[str]]:
        """The parts that hold the metrics, with the columns of these.

        Raises:
            UnknownName: the history holds no such metric. UserError: none was named.
        """
        held = [m for part in self.history.parts.values() for m in part.metrics]
        if not metrics:
            raise UserError(
                "No metric was named, so there is nothing to read.",
                remedy="Name at least one of the metrics that the history holds.",
                code="history.metric",
            )
        for metric in metrics:
            if metric not in held:
                raise UnknownName("metric of the history", metric, held)
        found = {n: of_metrics(part, metrics) for n, part in self.history.parts.items()}
        return {name: columns for name, columns in found.items() if columns}

    def _beside(
        self, parts: Mapping[str, Sequence[str]], tables: Sequence[Mapping[str, Any]]
    ) -> Frame | None:
        """The columns of the parts side by side, where all have the same rows in the same order; None: they have not."""
        first, *others = tables
        if any(other[key] != first[key] for other in others for key in KEYS):
            return None
        columns = {key: first[key] for key in KEYS}
        for own, table in zip(parts.values(), tables, strict=True):
            columns |= {name: table[name] for name in own}
        return Frame(tuple(columns), ArrowTable.from_pydict(columns), self._notes())

    def _joined(self, parts: Mapping[str, Sequence[str]], rows: Mapping[str, str]) -> Frame:
        """The rows of the parts, one per as_of and account that any of them has."""
        columns = [*KEYS, *(c for own in parts.values() for c in own)]
        first, *others = [f"({text}) as {ident(name)}" for name, text in rows.items()]
        joined = "".join(f" full join {other} using (as_of, account_id)" for other in others)
        listed = ", ".join(ident(column) for column in columns)
        text = f"select {listed} from {first}{joined} order by as_of, account_id"
        return Frame(tuple(columns), ArrowTable.from_arrow(self.kept.stream(text)), self._notes())

    def _notes(self) -> tuple[Note, ...]:
        if not self.behind:
            return ()
        return (
            Note(
                "warning",
                "history.behind",
                f"The history was made of snapshot {self.history.snapshot}; newer facts have come in since.",
                "Run `tenure refresh`.",
            ),
        )
