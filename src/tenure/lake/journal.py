"""The journal of decisions: what was proposed, decided, reviewed and judged, by whom, when and why.

A Delta table beside the facts to which rows are only ever added, one per entry. Each entry carries the turn of its
commit, so that two people who decide at once are both in it, one after the other, and nobody's word is overwritten.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tenure.kernel import clock
from tenure.kernel.errors import LakeError
from tenure.kernel.points import point
from tenure.lake.commit import TRIES, append, back_off, settle, turn_of
from tenure.lake.lake import Lake
from tenure.lake.shape import Shape

SHAPE = Shape(
    "decisions",
    {
        "turn": "BIGINT",
        "kind": "VARCHAR",
        "about": "VARCHAR",
        "by_said": "VARCHAR",
        "why_said": "VARCHAR",
        "entered_at": "TIMESTAMP",
        "content": "VARCHAR",
    },
    pruned=("turn",),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal.

    `turn` counts from 1 in the order of entry. `about` is what it speaks of: a metric or a flag. `by_said` and
    `why_said` are a person's own words, empty where the machine made the entry. `content` is plain JSON.
    """

    turn: int
    kind: str
    about: str
    by_said: str
    why_said: str
    entered_at: datetime
    content: Mapping[str, Any] = field(default_factory=dict)


def entries(lake: Lake) -> list[Entry]:
    """Every entry, in the order in which they were made."""
    handle = lake.handle(SHAPE.name)
    if handle is None:
        return []
    found = handle.scan(columns=list(SHAPE.columns)).read_all()
    rows = zip(*(found[name].to_pylist() for name in SHAPE.columns), strict=True)
    return [
        Entry(turn, kind, about, by, why, at.astimezone(UTC), json.loads(content))
        for turn, kind, about, by, why, at, content in sorted(rows)
    ]


def enter(
    lake: Lake,
    kind: str,
    about: str,
    *,
    by: str = "",
    why: str = "",
    content: Mapping[str, Any] | None = None,
) -> Entry:
    """The new entry, in the journal and on disk.

    Raises:
        LakeError: no space, a failed sync, or other writers were always first.
    """
    for attempt in range(TRIES):
        handle = lake.ready(SHAPE)
        turn = turn_of(handle, SHAPE.name) + 1
        entry = Entry(turn, kind, about, by, why, clock.now(), dict(content or {}))
        point("journal.before")
        version = append(lake, handle, SHAPE, _row(entry), marks=[], details={})
        if version is not None:
            point("journal.after")
            settle(lake, SHAPE, version)
            return entry
        back_off(attempt)
    raise LakeError(
        "Other writers held the journal of decisions all the time.",
        remedy="Try again in a moment; nothing was entered.",
        code="lake.crowded",
    )


def _row(entry: Entry) -> Any:
    """The stored row, as an Arrow table."""
    return SHAPE.one_row(
        {
            "turn": entry.turn,
            "kind": entry.kind,
            "about": entry.about,
            "by_said": entry.by_said,
            "why_said": entry.why_said,
            "entered_at": entry.entered_at,
            "content": json.dumps(entry.content, sort_keys=True),
        }
    )
