"""One refresh at work: parts are made, or renewed beside what is kept, written, and told of as they get done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from time import monotonic
from typing import Any

from tenure.facts.sql import ident, literal
from tenure.kernel.points import point
from tenure.lake import values
from tenure.lake.engines.current import CurrentRows
from tenure.lake.engines.kept import Kept
from tenure.lake.identities import SHAPE as IDENTITIES
from tenure.lake.lake import Lake
from tenure.lake.refreshes import History, Part
from tenure.metrics.compute import Computed
from tenure.metrics.history.made import history
from tenure.metrics.history.pace import Pace
from tenure.metrics.history.parts import PartOf
from tenure.metrics.history.renewed import MADE as THERE
from tenure.metrics.history.renewed import Anew, Renewed, arrow
from tenure.metrics.history.stale import Job, Todo
from tenure.metrics.history.within import within
from tenure.metrics.questions import Defaults

Progress = Callable[[str, float, float | None], None]
"""Told a part's name, the share done, and about how many seconds are left (None: nobody can say yet)."""
MADE, RENEWED = "history_made", "history_renewed"
MOST_ADDED = 8
"""How many times rows are added to the copy by account before it is sorted anew as a whole."""


@dataclass(slots=True)
class Filling:
    """One run. Not frozen: its tables' versions move on, and it remembers which as-ofs it wrote.

    `computed` are the facts on the engine that makes the history, and on the one that answers small questions.
    """

    lake: Lake
    number: int
    said: Mapping[str, Any]
    computed: tuple[Computed, Computed]
    defaults: Defaults
    facts: CurrentRows
    written: dict[str, tuple[date, ...]] = field(default_factory=dict)

    def filled(self, every: Sequence[Todo], now: History, tell: Progress) -> History:
        """The history with everything done, not yet entered as done.

        Parts with nothing to do hold for the newest facts too.
        """
        pace = Pace({todo.part.name: todo.cells for todo in every}, _paces(now))
        for todo in every:
            name = todo.part.name
            if todo.cells:
                tell(name, pace.share, pace.left())
                began = monotonic()
                now = self._part(todo, now)
                pace.done(name, monotonic() - began)
                point("refresh.part_done")
            if name in now.parts:
                held = now.parts[name]
                seconds = pace.of(name) or held.pace
                held = replace(held, inputs=self.inputs(todo.part), pace=seconds)
                now = replace(now, parts={**now.parts, name: held})
        tell("done", 1.0, 0.0)
        return now

    def inputs(self, part: PartOf) -> dict[str, int]:
        """The versions of the tables the part reads."""
        return read_by(part, self.facts.engine.snapshot.versions)

    def _part(self, todo: Todo, now: History) -> History:
        part = todo.part
        if todo.fresh:
            now = self._fresh(part, todo.fresh, now)
        if todo.again:
            now = self._again(part, todo.again, now)
        return now

    def _fresh(self, part: PartOf, days: tuple[date, ...], now: History) -> History:
        computed, asked_of = self.computed
        made = history(part.metrics, days, computed, self.defaults, asked_of=asked_of)
        self.facts.keep(MADE, f"select *, {self.number}::bigint as run from ({made.query})")
        columns = dict(made.columns) | dict.fromkeys(made.whys, "VARCHAR")
        held = now.parts.get(part.name)
        filled = Part(
            part.digest(self.said),
            self.inputs(part),
            columns,
            made.by_metric,
            {} if held is None else held.runs,
            0 if held is None else held.added,
            _late(held, days, made.late),
        )
        now = replace(now, parts={**now.parts, part.name: filled})
        now = self._written(part, days, now, lambda text: self.facts.engine.stream(text), MADE)
        self.facts.drop(MADE)
        return now

    def _again(self, part: PartOf, jobs: Sequence[Job], now: History) -> History:
        """Only as-ofs that come out otherwise are written; what no job makes is carried over as it is kept."""
        every = self._anew(jobs)
        with Kept(self.lake, now) as kept:
            renewed = Renewed(kept, part.name, every, len(part.metrics))
            days = renewed.days()
            if not days:
                return now
            held = now.parts[part.name]
            kept.keep(RENEWED, renewed.rows(days, _values(held), self.number))
            return self._written(part, days, now, kept.stream, RENEWED)

    def _anew(self, jobs: Sequence[Job]) -> list[Anew]:
        """Jobs of the same accounts share what is read for these."""
        found = []
        for accounts in dict.fromkeys(job.accounts for job in jobs):
            own = [job for job in jobs if job.accounts == accounts]
            metrics = [metric for job in own for metric in job.metrics]
            large, small = self.computed
            with within(large if accounts is None else small, accounts, metrics) as computed:
                found += [self._made(job, computed) for job in own]
        return found

    def _made(self, job: Job, computed: Computed) -> Anew:
        asked_of = self.computed[1] if job.accounts is None else None
        made = history(
            job.metrics,
            job.days,
            computed,
            self.defaults,
            accounts=job.accounts,
            asked_of=asked_of,
            paced_by=self.computed[1].reading,
        )
        names = ("as_of", "account_id", *made.columns, *made.whys)
        listed = ", ".join(ident(name) for name in names)
        facts = computed.source
        assert isinstance(facts, CurrentRows)  # noqa: S101 - as given
        rows = facts.engine.stream(f'select {listed}, true as "{THERE}" from ({made.query})')
        return Anew(job, arrow(rows), tuple(made.columns))

    def _written(
        self,
        part: PartOf,
        days: tuple[date, ...],
        now: History,
        stream: Callable[[str], Any],
        rows: str,
    ) -> History:
        """The history with `rows`, a table of `stream`'s engine, as all there is of the part on these days."""
        held = now.parts[part.name]
        own = values.listed(held.columns)
        labelled = f"{literal(part.name)} as part, strftime(as_of, '%Y-%m-%d') as day"
        query = f"select {own}, {labelled} from {rows} order by as_of, account_id"
        by_day = values.replace(self.lake, part.name, days, stream(query), held.columns)
        runs = {**held.runs, **dict.fromkeys(days, self.number)}
        filled = replace(held, runs=dict(sorted(runs.items())))
        now = replace(now, by_day=by_day, parts={**now.parts, part.name: filled})
        self.written[part.name] = tuple(sorted({*self.written.get(part.name, ()), *days}))
        return self._by_account(part.name, now, days, stream, rows)

    def _by_account(
        self,
        name: str,
        now: History,
        days: Sequence[date],
        stream: Callable[[str], Any],
        rows: str,
    ) -> History:
        """The copy: a few new as-ofs are added to it, many are sorted in."""
        filled = now.parts[name]
        own, label = values.listed(filled.columns), f"{literal(name)} as part"
        text = f"select {own}, {label} from {rows} order by account_id, as_of"
        added = 0
        if len(days) == len(filled.runs):
            version = values.replace_by_account(self.lake, name, stream(text), filled.columns)
        elif filled.added < MOST_ADDED:
            version = values.add_by_account(self.lake, stream(text), filled.columns)
            added = filled.added + 1
        else:
            with Kept(self.lake, now) as kept:
                every = kept.part(name, filled.runs)
                sorted_in = f"select {own}, {label} from ({every}) order by account_id, as_of"
                version = values.replace_by_account(
                    self.lake, name, kept.stream(sorted_in), filled.columns
                )
        parts = {**now.parts, name: replace(filled, added=added)}
        return replace(now, by_account=version, parts=parts)


def read_by(part: PartOf, versions: Mapping[str, int]) -> dict[str, int]:
    """The versions of the tables a part reads, and of the list of ids that are one, by which they are read."""
    tables = sorted({*part.tables, IDENTITIES.name})
    return {table: versions[table] for table in tables if table in versions}


def _late(
    held: Part | None, days: Sequence[date], made: Mapping[str, frozenset[date]]
) -> dict[str, frozenset[date]]:
    """The days on which each metric's source was late, those of `days` as they were just found."""
    before = {} if held is None else held.late
    now = {
        m: before.get(m, frozenset()) - set(days) | made.get(m, frozenset())
        for m in (*before, *made)
    }
    return {metric: found for metric, found in sorted(now.items()) if found}


def _values(part: Part) -> dict[str, str]:
    """The value columns, without those of reasons."""
    return {n: kind for n, kind in part.columns.items() if not n.endswith(values.WHY)}


def _paces(now: History) -> dict[str, float]:
    return {name: part.pace for name, part in now.parts.items()}
