"""Histories above accounts behind the notebook's door: the company, or each part of a cut, on many days."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from typing import TYPE_CHECKING

from tenure.lake.engines.current import CurrentRows
from tenure.metrics.compute import Computed
from tenure.metrics.history.levels import Cell, Levels, Wanted, cells, levels, wanted_at

if TYPE_CHECKING:
    from tenure.workspace.history import Door

Progress = Callable[[str, float], None]


def levels_read(
    door: Door,
    names: Sequence[str],
    level: str,
    days: Mapping[date, date | None],
    tell: Progress | None = None,
) -> Levels:
    """The metrics at the level on the days.

    Args:
        door: the workspace.
        names: of metrics, short names included.
        level: `company`, or a cut that the metrics list.
        days: the as-ofs, each with the day at whose end its facts are read; None: all that is recorded now.
        tell: called with a step and the share done.
    """
    word, wanted = wanted_at(door.catalogue, names, level)
    held, ordered = _held(door), list(days)

    def told_on(day: date) -> list[Mapping[str, Cell]]:
        known = days[day]
        keys = [(id(one.metric), one.name, word, day, known) for one in wanted]
        if any(key not in held for key in keys):
            if tell is not None:
                tell(str(day), ordered.index(day) / len(ordered))
            with _facts(door, day, known) as computed:
                for key, one in zip(keys, wanted, strict=True):
                    if key not in held:
                        told = cells(one, word, day, computed, door.defaults)
                        held[key] = (one, told)
        return [held[key][1] for key in keys]

    return levels(wanted, word, ordered, told_on)


Key = tuple[int, str, str, date, date | None]


def _held(door: Door) -> dict[Key, tuple[Wanted, Mapping[str, Cell]]]:
    """What was read of the snapshot so far. A declaration stays beside its numbers, so that its id names nothing else."""
    found: dict[Key, tuple[Wanted, Mapping[str, Cell]]] = door._told.setdefault(
        ("levels", door.snapshot.number), {}
    )
    return found


def _facts(door: Door, day: date, known: date | None) -> AbstractContextManager[Computed]:
    """Facts as known on the as_of itself are opened for it alone; all others serve every day."""
    if known == day:
        return door._known_once(day)
    computed = door.computed(known)
    facts = computed.source
    assert isinstance(facts, CurrentRows)  # noqa: S101 - a workspace reads nothing else
    facts.engine.expect(facts.tables())
    return nullcontext(computed)
