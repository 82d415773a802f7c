"""The ledger of refreshes: what each was to do, whether it was done, and what the history then is.

A Delta table. A row says that a run reached a state: started -> done, or started -> undone when its process
died. The newest `done` row is what readers read; what a run that died has written is undone by the next.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Literal

from deltalake import DeltaTable

from tenure.kernel import clock
from tenure.kernel.errors import LakeError
from tenure.lake.commit import TRIES, append, back_off, settle, turn_of
from tenure.lake.lake import Lake
from tenure.lake.shape import Shape

State = Literal["started", "done", "undone"]
SHAPE = Shape(
    "refreshes",
    {
        "turn": "BIGINT",
        "run": "BIGINT",
        "state": "VARCHAR",
        "written_at": "TIMESTAMP",
        "history": "VARCHAR",
    },
    pruned=("turn",),
)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the history as it is filled: by which declarations, from which facts, which run on which day.

    `digest` is of everything that is declared; `inputs` are the table versions read; `columns` the value
    columns with their types, by metric in `metrics`. `added` counts the additions to the copy by account since
    it was sorted. `late` are, by metric, the days on which a source had stopped. `pace` is how many seconds a number of every account on one day took when it was last made.
    """

    digest: str
    inputs: Mapping[str, int]
    columns: Mapping[str, str]
    metrics: Mapping[str, tuple[str, ...]]
    runs: Mapping[date, int]
    added: int = 0
    late: Mapping[str, frozenset[date]] = field(default_factory=dict)
    pace: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class History:
    """What readers may read: the version of both tables, the workspace snapshot, and every part.

    `seen_at` is the version of the ledger in which this was found to be the newest.
    """

    run: int = 0
    snapshot: int = 0
    by_day: int | None = None
    by_account: int | None = None
    parts: Mapping[str, Part] = field(default_factory=dict)
    made_at: datetime | None = None
    seen_at: int | None = field(default=None, compare=False)


def newest(lake: Lake, known: History | None = None) -> History:
    """The history of the last refresh that was done; an empty one before the first.

    `known` is given back if nothing was entered since it was read.
    """
    if (
        known is not None
        and known.seen_at is not None
        and not lake.has_newer(SHAPE.name, known.seen_at)
    ):
        return known
    handle = lake.handle(SHAPE.name)
    found = [] if handle is None else [row for row in _rows_in(handle) if row[2] == "done"]
    version = None if handle is None else handle.version()
    return replace(_history(found[-1]) if found else History(), seen_at=version)


def unfinished(lake: Lake) -> int | None:
    """The run that was started and neither done nor undone; its process died or is at work."""
    state: dict[int, str] = {}
    for _, run, word, *_ in _rows(lake):
        state[run] = word
    return next((run for run, word in state.items() if word == "started"), None)


def start(lake: Lake) -> int:
    """The number of a new run."""
    rows = _rows(lake)
    run = max((row[1] for row in rows), default=0) + 1
    _write(lake, run, "started", None)
    return run


def finish(lake: Lake, history: History) -> History:
    """The history as readers see it from now on."""
    done = replace(history, made_at=clock.now())
    _write(lake, history.run, "done", done)
    return done


def undo(lake: Lake, run: int) -> None:
    """Enter that what the run has written counts for nothing."""
    _write(lake, run, "undone", None)


def _rows(lake: Lake) -> list[tuple[Any, ...]]:
    handle = lake.handle(SHAPE.name)
    return [] if handle is None else _rows_in(handle)


def _rows_in(handle: DeltaTable) -> list[tuple[Any, ...]]:
    found = handle.scan(columns=list(SHAPE.columns)).read_all()
    return sorted(zip(*(found[name].to_pylist() for name in SHAPE.columns), strict=True))


def _write(lake: Lake, run: int, state: State, history: History | None) -> None:
    for attempt in range(TRIES):
        handle = lake.ready(SHAPE)
        turn = turn_of(handle, SHAPE.name) + 1
        rows = SHAPE.one_row(
            {
                "turn": turn,
                "run": run,
                "state": state,
                "written_at": clock.now(),
                "history": _text(history),
            }
        )
        version = append(lake, handle, SHAPE, rows, marks=[], details={})
        if version is not None:
            settle(lake, SHAPE, version)
            return
        back_off(attempt)
    raise LakeError(
        "Other writers held the ledger of refreshes all the time.",
        remedy="Try again in a moment.",
        code="lake.crowded",
    )


def _text(history: History | None) -> str:
    if history is None:
        return "{}"
    parts = {
        name: {
            "digest": part.digest,
            "inputs": dict(part.inputs),
            "columns": dict(part.columns),
            "metrics": {metric: list(columns) for metric, columns in part.metrics.items()},
            "runs": {day.isoformat(): run for day, run in part.runs.items()},
            "added": part.added,
            "late": {m: [d.isoformat() for d in sorted(days)] for m, days in part.late.items()},
            "pace": round(part.pace, 6),
        }
        for name, part in history.parts.items()
    }
    return json.dumps(
        {
            "snapshot": history.snapshot,
            "by_day": history.by_day,
            "by_account": history.by_account,
            "parts": parts,
        }
    )


def _history(row: tuple[Any, ...]) -> History:
    _, run, _, written_at, text = row
    said = json.loads(text)
    parts = {
        name: Part(
            part["digest"],
            part["inputs"],
            part["columns"],
            {metric: tuple(columns) for metric, columns in part["metrics"].items()},
            {date.fromisoformat(day): number for day, number in part["runs"].items()},
            part["added"],
            {m: frozenset(map(date.fromisoformat, d)) for m, d in part.get("late", {}).items()},
            part.get("pace", 0.0),
        )
        for name, part in said["parts"].items()
    }
    return History(
        run,
        said["snapshot"],
        said["by_day"],
        said["by_account"],
        parts,
        written_at.astimezone(UTC),
    )
