"""What a history is asked: some metrics of some accounts over time, or of everybody on one day."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date

from arro3.core import Table as ArrowTable

from tenure.facts.sql import ident
from tenure.kernel.errors import UnknownName, UserError
from tenure.lake.engines.kept import Kept, of_metrics
from tenure.lake.refreshes import History
from tenure.metrics.asked import Note
from tenure.metrics.history.frame import Frame

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
        if accounts is not None:
            return self._joined(
                metrics, lambda name, own: self.kept.accounts(name, own, accounts, span)
            )
        days = [day for day in self.days() if span[0] <= day <= span[1]]
        return self._joined(metrics, lambda name, own: self._on(name, own, days))

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
        return self._joined(metrics, lambda name, own: self._on(name, own, [day]))

    def days(self) -> list[date]:
        """The as-ofs that the history holds, in order."""
        return sorted({day for part in self.history.parts.values() for day in part.runs})

    def _on(self, name: str, columns: Sequence[str], days: Collection[date]) -> str:
        wanted = ", ".join(ident(c) for c in ("as_of", "account_id", *columns))
        return f"select {wanted} from ({self.kept.part(name, days, columns)})"

    def _joined(self, metrics: Sequence[str], rows: Callable[[str, Sequence[str]], str]) -> Frame:
        parts = {
            name: of_metrics(part, metrics)
            for name, part in self.history.parts.items()
            if any(metric in part.metrics for metric in metrics)
        }
        held = [m for part in self.history.parts.values() for m in part.metrics]
        for metric in metrics:
            if metric not in held:
                raise UnknownName("metric of the history", metric, held)
        columns = ["as_of", "account_id", *(c for own in parts.values() for c in own)]
        first, *others = [f"({rows(name, own)}) as {ident(name)}" for name, own in parts.items()]
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
