"""Keeping the history: what changed since the last run is made anew, and nothing else.

A run is entered in the ledger, writes its rows beside the old ones, and is entered as done: until then readers
see the history before. A run that died is undone by the next, which then does it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tenure.facts.sql import literal
from tenure.lake import refreshes, values
from tenure.lake.changes import first_day_changed
from tenure.lake.engines.current import CurrentRows
from tenure.lake.engines.kept import Kept
from tenure.lake.lake import Lake
from tenure.lake.refreshes import History, Part
from tenure.metrics.compute import Computed
from tenure.metrics.history.made import history
from tenure.metrics.history.parts import PartOf
from tenure.metrics.questions import Defaults

Progress = Callable[[str, float], None]
MADE = "history_made"
MOST_ADDED = 8
"""How many times rows are added to the copy by account before it is sorted anew as a whole."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did: per part the as-ofs it made anew; the history readers see from now on."""

    history: History
    made: Mapping[str, tuple[date, ...]]
    undone: int | None

    @property
    def cells(self) -> int:
        """As-ofs made anew, over all parts."""
        return sum(len(days) for days in self.made.values())


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the history is to hold: parts on as-ofs, with what the workspace says beside the declarations.

    `only` are the parts to make anew; None: whatever changed. `full`: everything, changed or not.
    """

    parts: Sequence[PartOf]
    days: tuple[date, ...]
    said: Mapping[str, Any]
    only: frozenset[str] | None = None
    full: bool = False


def refresh(
    lake: Lake,
    wanted: Wanted,
    computed: Computed,
    defaults: Defaults,
    tell: Progress,
    *,
    asked_of: Computed | None = None,
) -> Refreshed:
    """The history as it is wanted, with what was made anew for it.

    Args:
        lake: whose history.
        wanted: what it is to hold.
        computed: the facts, on the engine that makes the history.
        defaults: what a question leaves out.
        tell: called with a part's name and the share done.
        asked_of: the same facts for what is asked day by day; `computed` by default.

    Raises:
        LakeError: no space, or the disk did not confirm; readers then still see the history before.
    """
    with lake.locked(".refreshing"):
        undone = _undo(lake)
        before = refreshes.newest(lake)
        facts = computed.source
        assert isinstance(facts, CurrentRows)  # noqa: S101 - a lake's history is made of its rows
        stale = {
            part.name: _stale(part, wanted, before.parts.get(part.name), facts)
            for part in wanted.parts
        }
        if not any(stale.values()) and (wanted.only or _same_parts(wanted, before)):
            done = before
            # A run of some parts says nothing of the others: they may be behind.
            if before.snapshot != facts.snapshot and wanted.only is None:
                done = _noted(lake, before, wanted, facts)
            return Refreshed(done, {}, undone)
        run = refreshes.start(lake)
        work = _Run(lake, run, wanted, (computed, asked_of), defaults, facts)
        return Refreshed(
            work.done(before, stale, tell), {n: d for n, d in stale.items() if d}, undone
        )


def _undo(lake: Lake) -> int | None:
    """The run that died, its rows taken back; nobody else is at work while we hold the lock."""
    run = refreshes.unfinished(lake)
    if run is None:
        return None
    before = refreshes.newest(lake)
    values.go_back(lake, values.BY_DAY, before.by_day)
    values.go_back(lake, values.BY_ACCOUNT, before.by_account)
    refreshes.undo(lake, run)
    return run


def _stale(part: PartOf, wanted: Wanted, held: Part | None, facts: CurrentRows) -> tuple[date, ...]:
    """The as-ofs on which the part has to be made anew, or for the first time."""
    if wanted.only is not None and part.name not in wanted.only:
        return ()
    if wanted.full or held is None or held.digest != part.digest(wanted.said):
        return wanted.days
    first = date.max
    now = facts.engine.snapshot.versions
    for table in part.tables:
        known, version = held.inputs.get(table), now.get(table)
        if known == version:
            continue
        day = None  # any day may differ
        if known is not None and table not in part.timeless:
            day = first_day_changed(facts.engine, table, known)
        first = date.min if day is None else min(first, day)
    return tuple(day for day in wanted.days if day >= first or day not in held.runs)


def _same_parts(wanted: Wanted, before: History) -> bool:
    """Whether the history holds the wanted parts and no others."""
    return {part.name for part in wanted.parts} == before.parts.keys()


def _noted(lake: Lake, before: History, wanted: Wanted, facts: CurrentRows) -> History:
    """The same history, now known to hold for a newer snapshot too."""
    run = refreshes.start(lake)
    inputs = dict(facts.engine.snapshot.versions)
    parts = {
        part.name: replace(before.parts[part.name], inputs=_read(part, inputs))
        for part in wanted.parts
    }
    return refreshes.finish(lake, replace(before, run=run, snapshot=facts.snapshot, parts=parts))


def _read(part: PartOf, versions: Mapping[str, int]) -> dict[str, int]:
    return {table: versions[table] for table in sorted(part.tables) if table in versions}


@dataclass(slots=True)
class _Run:
    """One run at work. Not frozen: its tables' versions move on."""

    lake: Lake
    number: int
    wanted: Wanted
    computed: tuple[Computed, Computed | None]
    defaults: Defaults
    facts: CurrentRows

    def done(
        self, before: History, stale: Mapping[str, tuple[date, ...]], tell: Progress
    ) -> History:
        now = replace(
            before,
            run=self.number,
            snapshot=self.facts.snapshot if self.wanted.only is None else before.snapshot,
            parts={
                p.name: before.parts[p.name] for p in self.wanted.parts if p.name in before.parts
            },
        )
        whole = sum(
            len(days) * len(p.metrics) for p in self.wanted.parts for days in [stale[p.name]]
        )
        reached = 0
        for part in self.wanted.parts:
            days = stale[part.name]
            if days:
                tell(part.name, reached / max(whole, 1))
                now = self._part(part, days, now)
                reached += len(days) * len(part.metrics)
            elif part.name in now.parts and self.wanted.only is None:
                held = replace(now.parts[part.name], inputs=self._inputs(part))
                now = replace(now, parts={**now.parts, part.name: held})
        tell("done", 1.0)
        return refreshes.finish(self.lake, now)

    def _inputs(self, part: PartOf) -> dict[str, int]:
        return _read(part, self.facts.engine.snapshot.versions)

    def _part(self, part: PartOf, days: tuple[date, ...], now: History) -> History:
        computed, asked_of = self.computed
        made = history(part.metrics, days, computed, self.defaults, asked_of=asked_of)
        self.facts.keep(MADE, f"select *, {self.number}::bigint as run from ({made.query})")
        columns = dict(made.columns) | dict.fromkeys(made.whys, "VARCHAR")
        own = values.listed(columns)
        labelled = f"{literal(part.name)} as part, strftime(as_of, '%Y-%m-%d') as day"
        by_day = values.replace(
            self.lake,
            part.name,
            days,
            self.facts.engine.stream(
                f"select {own}, {labelled} from {MADE} order by as_of, account_id"
            ),
            columns,
        )
        held = now.parts.get(part.name)
        kept = {} if held is None else {d: r for d, r in held.runs.items() if d in self.wanted.days}
        filled = Part(
            part.digest(self.wanted.said),
            self._inputs(part),
            columns,
            made.by_metric,
            dict(sorted({**kept, **dict.fromkeys(days, self.number)}.items())),
            0 if held is None else held.added,
        )
        now = replace(now, by_day=by_day, parts={**now.parts, part.name: filled})
        now = self._by_account(part, columns, now, len(days))
        self.facts.drop(MADE)
        return now

    def _by_account(
        self, part: PartOf, columns: Mapping[str, str], now: History, days: int
    ) -> History:
        """The copy: a few new as-ofs are added to it, many are sorted in."""
        own, label = values.listed(columns), f"{literal(part.name)} as part"
        filled = now.parts[part.name]
        is_whole = days == len(filled.runs)
        from_made = f"select {own}, {label} from {MADE} order by account_id, as_of"
        added = 0
        if is_whole:
            rows = self.facts.engine.stream(from_made)
            version = values.replace_by_account(self.lake, part.name, rows, columns)
        elif filled.added < MOST_ADDED:
            rows = self.facts.engine.stream(from_made)
            version = values.add_by_account(self.lake, rows, columns)
            added = filled.added + 1
        else:
            with Kept(self.lake, now) as kept:
                rows = kept.stream(
                    f"select {own}, {label} from ({kept.part(part.name, filled.runs)}) order by account_id, as_of"
                )
                version = values.replace_by_account(self.lake, part.name, rows, columns)
        parts = {**now.parts, part.name: replace(filled, added=added)}
        return replace(now, by_account=version, parts=parts)
