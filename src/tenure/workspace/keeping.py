"""What a workspace keeps of its numbers: the history, refreshed and read, live where it is asked as known on a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from arro3.core import Table as ArrowTable

from tenure.facts.sql import ident, words_in
from tenure.kernel.errors import UserError
from tenure.lake import refreshes
from tenure.lake.engines.current import CurrentRows
from tenure.lake.engines.kept import Kept
from tenure.lake.engines.together import together
from tenure.lake.freshness import DataSpan
from tenure.lake.identities import SHAPE as IDENTITIES
from tenure.lake.lake import Lake
from tenure.lake.refreshes import History
from tenure.lake.snapshots import Snapshot
from tenure.lake.values import WHY
from tenure.metrics.compute import Computed
from tenure.metrics.declaration import Catalogue, Metric
from tenure.metrics.history.days import STEPS, Step, as_ofs
from tenure.metrics.history.filling import Progress
from tenure.metrics.history.frame import Frame
from tenure.metrics.history.made import has_history, history
from tenure.metrics.history.parts import parts_of
from tenure.metrics.history.reads import Reader
from tenure.metrics.history.refresh import Refreshed, Wanted, refresh
from tenure.metrics.questions import Defaults

YEARS_KEPT = 2
"""How far back a history begins where nobody says, from the last day of the facts."""


@dataclass(slots=True)
class Keeping:
    """The history of one lake. Not frozen: the files of the newest history stay open between questions."""

    lake: Lake
    _reader: Reader | None = field(default=None, repr=False)
    _history: History | None = field(default=None, repr=False)

    def refreshed(
        self,
        catalogue: Catalogue,
        computed: Computed,
        defaults: Defaults,
        *,
        days: tuple[date, ...],
        said: Mapping[str, Any],
        only: Iterable[str] | None = None,
        full: bool = False,
        tell: Progress | None = None,
        asked_of: Computed | None = None,
    ) -> Refreshed:
        """The history brought up to the facts; see `Workspace.refresh`."""
        parts = parts_of(catalogue)
        names = None
        if only is not None:
            wanted = {catalogue.find(name)[0].id for name in only}
            names = frozenset(p.name for p in parts if wanted & {m.id for m in p.metrics})
            if not names:
                raise UserError(
                    f"No history is kept of {', '.join(sorted(wanted))}.",
                    remedy="Name metrics that have a number per account.",
                    code="history.metric",
                )
        done = refresh(
            self.lake,
            Wanted(parts, days, said, names, full),
            computed,
            defaults,
            tell or _silent,
            asked_of=asked_of,
        )
        self.close()
        return done

    def reader(self, snapshot: Snapshot, metrics: Iterable[Metric]) -> Reader:
        """Reads the newest history; it is behind where a table that it is made of has changed since.

        Raises:
            UserError: there is none yet.
        """
        held = None if self._reader is None else self._reader.history
        newest = refreshes.newest(self.lake, held)
        if newest.run == 0:
            raise UserError(
                "There is no history yet.", remedy="Run `tenure refresh`.", code="history.absent"
            )
        if self._reader is None or self._reader.history.run != newest.run:
            self.close()
            self._reader = Reader(Kept(self.lake, newest), behind=False)
        return Reader(self._reader.kept, _is_behind(newest, snapshot, metrics))

    def state(self) -> History:
        """What the newest history holds."""
        self._history = refreshes.newest(self.lake, self._history)
        return self._history

    def close(self) -> None:
        """Give the files back."""
        if self._reader is not None:
            self._reader.kept.close()
            self._reader = None


def _is_behind(history: History, snapshot: Snapshot, metrics: Iterable[Metric]) -> bool:
    """Our own flags are news of no customer: a history that reads none of them is as good as before."""
    if history.snapshot == snapshot.number:
        return False
    now = snapshot.versions
    return any(
        history.parts[part.name].inputs.get(table) != now.get(table)
        for part in parts_of(metrics)
        if part.name in history.parts
        for table in (*part.tables, IDENTITIES.name)
    )


def _silent(part: str, share: float, left: float | None) -> None:
    del part, share, left


def days_wanted(step: Step, since: date | None, span: DataSpan, today: date) -> tuple[date, ...]:
    """The as-ofs a refresh keeps: from `since`, or two years back, to the last day there are facts of."""
    if step not in STEPS:
        raise UserError(
            f"`{step}` is no step of a history.",
            remedy=f"Use one of: {', '.join(STEPS)}.",
            code="history.step",
        )
    if span.first is None or span.last is None:
        raise UserError(
            "There are no facts to make a history of.",
            remedy="Import something first.",
            code="history.empty",
        )
    last = min(span.last, today)
    first = since or max(span.first, last - timedelta(days=365 * YEARS_KEPT))
    found = as_ofs(step, first, last)
    if not found:
        raise UserError(
            f"No {step} ends between {first} and {last}.",
            remedy="Choose an earlier day with `--since`, or a shorter step.",
            code="history.empty",
        )
    return found


def live(
    metrics: Sequence[Metric],
    days: tuple[date, ...],
    computed: Computed,
    defaults: Defaults,
    accounts: Sequence[str] | None,
) -> Frame:
    """The same rows computed now, for readings that are not kept: as known on an earlier day, or on other days."""
    facts = computed.source
    assert isinstance(facts, CurrentRows)  # noqa: S101 - a workspace reads nothing else
    facts.engine.expect(facts.tables())
    made = history([m for m in metrics if has_history(m)], days, computed, defaults)
    columns = ["as_of", "account_id", *(n for c in made.columns for n in (c, c + WHY))]
    listed = ", ".join(ident(column) for column in columns)
    among = "" if accounts is None else f" where account_id in {words_in(list(accounts) or [''])}"
    rows = facts.engine.stream(
        f"select {listed} from ({made.query}){among} order by as_of, account_id"
    )
    return Frame(tuple(columns), ArrowTable.from_arrow(rows))


def live_as_known(
    lake: Lake,
    metrics: Sequence[Metric],
    days: tuple[date, ...],
    known_on: Callable[[date], AbstractContextManager[Computed]],
    defaults: Defaults,
    accounts: Sequence[str] | None,
) -> Frame:
    """Each day as it was known on that day: nothing that came later, and nothing that was corrected since.

    Made day by day, each from an engine of its own that is closed again, so that a year costs no more memory
    than a day.
    """
    frames = []
    for day in days:
        with known_on(day) as computed:
            frames.append(live(metrics, (day,), computed, defaults, accounts))
    columns = tuple(dict.fromkeys(name for frame in reversed(frames) for name in frame.columns))
    rows = together(lake, [frame.held for frame in frames], columns, ("as_of", "account_id"))
    return Frame(columns, rows)
