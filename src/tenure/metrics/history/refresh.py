"""Keeping the history: what changed since the last run is made anew, and nothing else.

A run is entered in the ledger, writes its rows beside the old ones, and is entered as done: until then readers
see the history before. A run that died is undone by the next, which then does it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from tenure.lake import changes, refreshes, values
from tenure.lake.changes import Changed
from tenure.lake.engines.current import CurrentRows
from tenure.lake.identities import SHAPE as IDENTITIES
from tenure.lake.lake import Lake
from tenure.lake.refreshes import History, Part
from tenure.metrics.compute import Computed
from tenure.metrics.history.filling import Filling, Progress, read_by
from tenure.metrics.history.parts import PartOf
from tenure.metrics.history.stale import Todo, todo
from tenure.metrics.questions import Defaults
from tenure.metrics.reading import Reading

MOST_TOUCHED = 0.25
"""The share of accounts beyond which all are made anew: naming them costs more than it spares."""
FEW = 3
"""So many accounts are always named."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did.

    `history` is what readers see from now on; `made` are, by part, the as-ofs that came out otherwise than they were
    kept, or for the first time, and were written. `undone` is the run that had died. `looked_at` are the numbers
    that were made to find out (those of all accounts on one day counted as one), of `whole` the history holds.
    """

    history: History
    made: Mapping[str, tuple[date, ...]]
    undone: int | None
    looked_at: int = 0
    whole: int = 0


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
        every = _todos(wanted, before, facts, (defaults, (asked_of or computed).reading))
        looked_at = sum(one.cells for one in every)
        whole = sum(len(part.metrics) for part in wanted.parts) * len(wanted.days)
        if not looked_at and (wanted.only is not None or _same_parts(wanted, before)):
            done = before
            # A run of some parts says nothing of the others: they may be behind.
            if before.snapshot != facts.snapshot and wanted.only is None:
                done = _noted(lake, before, wanted, facts)
            return Refreshed(done, {}, undone, 0, whole)
        run = refreshes.start(lake)
        work = Filling(lake, run, wanted.said, (computed, asked_of or computed), defaults, facts)
        now = work.filled(every, _kept(wanted, before, run, facts), tell)
        return Refreshed(refreshes.finish(lake, now), work.written, undone, looked_at, whole)


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


def _todos(
    wanted: Wanted, before: History, facts: CurrentRows, asked: tuple[Defaults, Reading]
) -> list[Todo]:
    """What is to be done, part by part, of those that this run is to look at."""
    chosen = [part for part in wanted.parts if wanted.only is None or part.name in wanted.only]
    if wanted.full:
        return [Todo(part, wanted.days) for part in chosen]
    news = _News(
        facts, max((day for p in before.parts.values() for day in p.runs), default=date.min)
    )
    return [
        todo(
            part,
            wanted.days,
            before.parts.get(part.name),
            news,
            said=wanted.said,
            defaults=asked[0],
            paced_by=asked[1],
        )
        for part in chosen
    ]


@dataclass(slots=True)
class _News:
    """What tables tell that is new, as far as as-ofs up to `until` see it.

    Not frozen: parts that were made of the same version ask once.
    """

    facts: CurrentRows
    until: date
    _most: int | None = None
    _found: dict[tuple[str, int | None, int | None], Changed | None] = field(default_factory=dict)

    def __call__(self, known: Mapping[str, int], tables: Iterable[str]) -> dict[str, Changed]:
        engine, told = self.facts.engine, {}
        for name in tables:
            key = (name, known.get(name), known.get(IDENTITIES.name))
            if key not in self._found:
                found = changes.changes(
                    engine, known, [name], most_accounts=self._most_accounts(), until=self.until
                )
                self._found[key] = found.get(name)
            news = self._found[key]
            if news is not None:
                told[name] = news
        return told

    def _most_accounts(self) -> int:
        if self._most is None:
            there = "accounts" in self.facts.engine.tables()
            ((number,),) = (
                self.facts.engine.rows("select count(*) from accounts") if there else [(0,)]
            )
            self._most = max(FEW, int(number * MOST_TOUCHED))
        return self._most


def _kept(wanted: Wanted, before: History, run: int, facts: CurrentRows) -> History:
    """What is kept of the history before: the wanted parts, on the wanted days; others than `only` as they are."""
    parts = {}
    for part in wanted.parts:
        held = before.parts.get(part.name)
        if held is not None and (wanted.only is None or part.name in wanted.only):
            held = replace(held, runs={d: r for d, r in held.runs.items() if d in wanted.days})
        if held is not None:
            parts[part.name] = _without_moved(held, part)
    snapshot = facts.snapshot if wanted.only is None else before.snapshot
    return replace(before, run=run, snapshot=snapshot, parts=parts)


def _without_moved(held: Part, part: PartOf) -> Part:
    """A kept part without metrics that moved to another one, as one does whose preset was changed.

    It is what no declaration says then, and is made anew by the next run that looks at it: should the metric move back,
    its numbers are not what they were.
    """
    own = {metric.id for metric in part.metrics}
    mine = {name: columns for name, columns in held.metrics.items() if name in own}
    return held if len(mine) == len(held.metrics) else replace(held, metrics=mine, digest="")


def _same_parts(wanted: Wanted, before: History) -> bool:
    """Whether the history holds the wanted parts and no others."""
    return {part.name for part in wanted.parts} == before.parts.keys()


def _noted(lake: Lake, before: History, wanted: Wanted, facts: CurrentRows) -> History:
    """The same history, now known to hold for a newer snapshot too."""
    now = _kept(wanted, before, refreshes.start(lake), facts)
    versions = facts.engine.snapshot.versions
    parts = {
        part.name: replace(now.parts[part.name], inputs=read_by(part, versions))
        for part in wanted.parts
    }
    return refreshes.finish(lake, replace(now, parts=parts))
