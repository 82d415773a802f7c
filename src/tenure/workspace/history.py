"""The history behind the notebook's door: refresh, history, portfolio."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, Protocol

from tenure import __version__
from tenure.kernel.errors import UserError
from tenure.kernel.settings import Settings
from tenure.lake.engines.current import CurrentRows
from tenure.lake.freshness import DataSpan
from tenure.lake.lake import Lake
from tenure.lake.refreshes import History
from tenure.lake.snapshots import Snapshot
from tenure.metrics.compute import Computed
from tenure.metrics.declaration import Catalogue
from tenure.metrics.history.days import Step
from tenure.metrics.history.filling import Progress
from tenure.metrics.history.frame import Frame
from tenure.metrics.history.made import has_history
from tenure.metrics.history.reads import ANY_DAY
from tenure.metrics.history.refresh import Refreshed
from tenure.metrics.questions import Day, Defaults, day_of
from tenure.workspace.engines import Chosen
from tenure.workspace.keeping import Keeping, days_wanted, live, live_as_known
from tenure.workspace.levels import levels_read

AS_OF = "as_of"
"""Said in place of a day: each day as it was known at its own end."""


class Door(Protocol):
    """What the history needs of a workspace."""

    lake: Lake
    settings: Settings
    _keeping: Keeping | None
    _told: dict[Any, Any]

    @property
    def catalogue(self) -> Catalogue:
        """The metrics."""
        ...

    @property
    def defaults(self) -> Defaults:
        """What a question leaves out."""
        ...

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot that is read."""
        ...

    def facts(self, as_known_on: date | None = None) -> CurrentRows:
        """Current rows."""
        ...

    def computed(self, as_known_on: date | None = None) -> Computed:
        """Facts with what is derived of them."""
        ...

    def _known_once(self, day: date) -> AbstractContextManager[Computed]:
        """The facts as known on a day, for one question."""
        ...

    def data_span(self) -> DataSpan:
        """First and last day of the facts."""
        ...


class WithHistory:
    """The part of a workspace that keeps its numbers over time."""

    __slots__ = ()

    @property
    def kept(self: Door) -> History:
        """What the newest history holds: its parts with their metrics, columns and as-ofs; empty before the first."""
        return _kept(self).state()

    def refresh(
        self: Door,
        *,
        step: Step = "week",
        since: Day = None,
        metrics: Iterable[str] | None = None,
        full: bool = False,
        engine: str = "duckdb",
        master: str | None = None,
        files_at: str | None = None,
        on_progress: Progress | None = None,
    ) -> Refreshed:
        """Bring the history of every account's numbers up to the facts; what has not changed is left alone.

        Args:
            step: `week` (Sundays), `day` or `month` (last days).
            since: the first day; two years before the last facts by default.
            metrics: only these, with those kept beside them.
            full: everything anew, changed or not.
            engine: `duckdb`, or `spark` (the extra of that name); both give the same history.
            master: Spark's: `local[*]` by default, `spark://HOST:PORT`, `yarn`, `k8s://…`.
            files_at: where Spark's executors find the folder `lake`, if not at the same path.
            on_progress: called with a part's name, the share done, and about how many seconds are left (None where
                nobody can say yet).

        Raises:
            UserError: nothing to make a history of; Spark is missing or not reachable.
            LakeError: no space, or Spark failed; the history before stays readable.
        """
        chosen = Chosen(engine, master, files_at)
        where_from, facts = self.computed(), self.facts()
        facts.engine.expect(facts.tables())
        days = days_wanted(step, day_of(since), self.data_span(), self.defaults.today)
        with chosen.over(where_from, facts) as computed:
            return _kept(self).refreshed(
                self.catalogue,
                computed,
                self.defaults,
                days=days,
                said={
                    "settings": self.settings.behind_numbers,
                    "step": step,
                    "tenure": __version__,
                },
                only=metrics,
                full=full,
                tell=on_progress,
                asked_of=where_from,
            )

    def history(
        self: Door,
        metrics: str | Iterable[str],
        accounts: str | Iterable[str] | None = None,
        *,
        level: str | None = None,
        start: Day = None,
        end: Day = None,
        step: Step = "week",
        as_known_on: Day = None,
        on_progress: Callable[[str, float], None] | None = None,
    ) -> Frame:
        """Metrics over time: of accounts, a row per as_of and account; of a level, a row per as_of and key.

        Args:
            metrics: ids of metrics with a number per account; with `level`, of metrics with a value at that level.
            accounts: whose; everybody's by default.
            level: `company`, or a cut that the metrics list (`segment`, `csm` or `book`, …), each part with its value,
                reason, n and number of Unknown accounts as `metric` tells them that day; always made now.
            start: the first as_of; all that is kept by default, of a level two years.
            end: the last as_of, included.
            step: for a reading that is made now (of a level, or as known on an earlier day): the days to read.
            as_known_on: read only what was known at the end of that day; such a history is not kept, but made now.
                `as_of`: each day as it was known at its own end, for learning and looking back without hindsight.
            on_progress: of a level, called with the day and the share done.

        Raises:
            UserError: no history is kept yet, or a metric has no value at the level. UnknownName: no such metric in it.
        """
        first, last = day_of(start) or ANY_DAY[0], day_of(end) or ANY_DAY[1]
        whose = None if accounts is None else _names(accounts)
        if level is not None and level != "account":
            if whose is not None:
                raise _both_said(level)
            until = None if as_known_on == AS_OF else day_of(as_known_on)
            until_today = min(last, until or self.defaults.today)
            span = days_wanted(step, day_of(start), self.data_span(), until_today)
            as_known = {day: day if as_known_on == AS_OF else until for day in span}
            return levels_read(self, _names(metrics), level, as_known, on_progress)
        wanted = _with_history(self.catalogue, _names(metrics))
        if as_known_on is None:
            return (
                _kept(self)
                .reader(self.snapshot, self.catalogue)
                .over_time(wanted, whose, (first, last))
            )
        if as_known_on == AS_OF:
            today = min(last, self.defaults.today)
            days = days_wanted(step, day_of(start), self.data_span(), today)
            declared = [self.catalogue.find(name)[0] for name in wanted]
            return live_as_known(self.lake, declared, days, self._known_once, self.defaults, whose)
        known = day_of(as_known_on)
        days = days_wanted(step, day_of(start), self.data_span(), min(known or last, last))
        return _live(self, wanted, days, known, whose)

    def portfolio(
        self: Door,
        as_of: Day = None,
        metrics: Iterable[str] | None = None,
        *,
        as_known_on: Day = None,
    ) -> Frame:
        """Everybody's numbers on one day: a row per account.

        Args:
            as_of: a day the history holds, the newest by default.
            metrics: all that are kept by default.
            as_known_on: read only what was known at the end of that day; made now. `as_of`: at the end of the day
                that is asked about.
        """
        reader = (
            None if as_known_on is not None else _kept(self).reader(self.snapshot, self.catalogue)
        )
        if reader is None:
            known = None if as_known_on == AS_OF else day_of(as_known_on)
            day = day_of(as_of) or known or self.defaults.today
            known = known or day
            every = [m.id for m in self.catalogue if has_history(m)]
            wanted = every if metrics is None else _with_history(self.catalogue, _names(metrics))
            return _live(self, wanted, (day,), known, None)
        held = [m for part in reader.history.parts.values() for m in part.metrics]
        wanted = held if metrics is None else _with_history(self.catalogue, _names(metrics))
        return reader.on_day(wanted, day_of(as_of) or reader.days()[-1])


def _live(
    door: Door,
    metrics: list[str],
    days: tuple[date, ...],
    known: date | None,
    whose: list[str] | None,
) -> Frame:
    declared = [door.catalogue.find(name)[0] for name in metrics]
    return live(declared, days, door.computed(known), door.defaults, whose)


def _with_history(catalogue: Catalogue, names: Iterable[str]) -> list[str]:
    """The ids of metrics that have a number per account.

    Raises:
        UnknownName: no such metric. UserError: it has none.
    """
    found = []
    for name in names:
        metric, _ = catalogue.find(name)
        if not has_history(metric):
            raise UserError(
                f"`{metric.id}` has no number per account, so no history of accounts is kept of it.",
                remedy=f"Ask it for a day: `tenure metric {metric.id} --as-of DAY`.",
                code="history.metric",
            )
        found.append(metric.id)
    return list(dict.fromkeys(found))


def _kept(door: Door) -> Keeping:
    if door._keeping is None:
        door._keeping = Keeping(door.lake)
    return door._keeping


def _both_said(level: str) -> UserError:
    return UserError(
        f"A history by `{level}` is of no single account.",
        remedy="Leave out the accounts, or the level.",
        code="history.level",
    )


def _names(given: str | Iterable[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(given)
