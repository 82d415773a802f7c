"""Which ids are one: said by a person, kept beside the facts, and applied whenever current rows are read.

A Delta table to which rows are only added, `merged` and `undone`, and which is part of the snapshot: numbers, every day
in the past and the history follow it, and the facts themselves are never touched. So taking a merge back leaves
everything as it was before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal

from tenure.kernel import clock
from tenure.kernel.errors import LakeError, UserError
from tenure.kernel.points import point
from tenure.lake import snapshots
from tenure.lake.commit import TRIES, append, back_off, settle, turn_of
from tenure.lake.lake import Lake
from tenure.lake.shape import Shape
from tenure.lake.snapshots import Snapshot

ACCOUNTS = "accounts"
SHAPE = Shape(
    "identities",
    {
        "turn": "BIGINT",
        "table_name": "VARCHAR",
        "act": "VARCHAR",
        "other_id": "VARCHAR",
        "kept_id": "VARCHAR",
        "by_said": "VARCHAR",
        "why_said": "VARCHAR",
        "entered_at": "TIMESTAMP",
        "evidence": "VARCHAR",
    },
    pruned=("turn",),
)

Same = Mapping[str, Mapping[str, str]]
"""By table, such as `accounts`: an id -> the id that it is read as."""

NOTHING: Same = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Identity:
    """One line: `other_id` is `kept_id` from here on (`merged`), or no longer (`undone`), in the order of `turn`."""

    turn: int
    table: str
    act: Literal["merged", "undone"]
    other_id: str
    kept_id: str
    by_said: str
    why_said: str
    entered_at: datetime
    evidence: tuple[str, ...] = ()


def every(lake: Lake, *, version: int | None = None) -> list[Identity]:
    """All lines, oldest first; as the table stood at a version, or as it is now."""
    handle = lake.handle(SHAPE.name, version=version)
    if handle is None:
        return []
    found = handle.scan(columns=list(SHAPE.columns)).read_all()
    rows = zip(*(found[name].to_pylist() for name in SHAPE.columns), strict=True)
    return [
        Identity(
            turn, table, act, other, kept, by, why, at.astimezone(UTC), tuple(json.loads(told))
        )
        for turn, table, act, other, kept, by, why, at, told in sorted(rows)
    ]


def standing(lines: Iterable[Identity], table: str = ACCOUNTS) -> dict[str, Identity]:
    """The merges of a table that hold, by the id that is read as another one."""
    held: dict[str, Identity] = {}
    for line in lines:
        if line.table != table:
            continue
        held.pop(line.other_id, None)
        if line.act == "merged":
            held[line.other_id] = line
    return held


def resolved(held: Mapping[str, Identity]) -> dict[str, str]:
    """Every id that is read as another one -> the last of its chain."""
    return {other: end_of(held, other) for other in held}


def end_of(held: Mapping[str, Identity], id_: str) -> str:
    """What an id is read as: itself, or the last of its chain."""
    for _ in held:  # never more steps than there are merges, whatever the table says
        if id_ not in held:
            break
        id_ = held[id_].kept_id
    return id_


def same_in(lake: Lake, snapshot: Snapshot) -> Same:
    """What is one in a snapshot; a workspace without merges opens nothing."""
    state = snapshot.tables.get(SHAPE.name)
    return NOTHING if state is None else same_at(lake, state.version)


def same_at(lake: Lake, version: int) -> Same:
    """What was one at a version of the table."""
    lines = every(lake, version=version)
    by_table = {table: resolved(standing(lines, table)) for table in {line.table for line in lines}}
    return {table: own for table, own in sorted(by_table.items()) if own}


def merge(
    lake: Lake,
    other_id: str,
    kept_id: str,
    *,
    table: str = ACCOUNTS,
    by: str = "",
    why: str = "",
    evidence: Sequence[str] = (),
) -> Identity:
    """The merge, in the table and in the newest snapshot; one that holds already is given back as it is.

    Raises:
        UserError: an id with itself, a circle, or an id that is another one already.
        LakeError: no space, a failed sync, or other writers were always first.
    """

    def line(turn: int, held: Mapping[str, Identity]) -> Identity:
        check(held, other_id, kept_id)
        now, said = clock.now(), tuple(evidence)
        return Identity(turn, table, "merged", other_id, kept_id, by, why, now, said)

    return _entered(lake, table, other_id, line, unless_into=kept_id)


def undo(
    lake: Lake, other_id: str, *, table: str = ACCOUNTS, by: str = "", why: str = ""
) -> Identity:
    """The merge taken back: the id is its own again, with everything that is said of it.

    Raises:
        UserError: it is merged into nothing. LakeError: as `merge`.
    """

    def line(turn: int, held: Mapping[str, Identity]) -> Identity:
        if other_id not in held:
            raise UserError(
                f"`{other_id}` is merged into no other.",
                remedy="Look again: somebody may have taken it back.",
                where="other",
                code="match.absent",
            )
        kept = held[other_id].kept_id
        return Identity(turn, table, "undone", other_id, kept, by, why, clock.now())

    return _entered(lake, table, other_id, line)


def check(held: Mapping[str, Identity], other_id: str, kept_id: str) -> None:
    """Refuse a merge that cannot hold beside those that hold.

    Raises:
        UserError: an id with itself, a circle, or an id that is another one already.
    """
    if other_id == kept_id:
        raise UserError(
            f"`{other_id}` is itself already.",
            remedy="Name two ids.",
            where="kept",
            code="match.self",
        )
    if other_id in held and held[other_id].kept_id != kept_id:
        raise UserError(
            f"`{other_id}` is merged into `{held[other_id].kept_id}` already.",
            remedy="Undo that merge first.",
            where="other",
            code="match.taken",
        )
    if end_of(held, kept_id) == other_id:
        raise UserError(
            f"`{kept_id}` is merged into `{other_id}`, so the other way round would be a circle.",
            remedy=f"Undo the merge of `{kept_id}` first, or leave it as it is.",
            where="kept",
            code="match.circle",
        )


def _entered(
    lake: Lake, table: str, other_id: str, line: Any, *, unless_into: str | None = None
) -> Identity:
    """The new line, on disk and shown by a snapshot (`line` makes it of its turn and of what holds)."""
    with lake.writing():
        for attempt in range(TRIES):
            handle = lake.ready(SHAPE)
            held = standing(every(lake, version=handle.version()), table)
            own = held.get(other_id)
            if own is not None and unless_into is not None and own.kept_id == unless_into:
                _shown(lake, handle.version())
                return own
            made: Identity = line(turn_of(handle, SHAPE.name) + 1, held)
            point("identities.before")
            version = append(lake, handle, SHAPE, _row(made), marks=[], details={})
            if version is not None:
                point("identities.after")
                settle(lake, SHAPE, version)
                _shown(lake, version)
                return made
            back_off(attempt)
    raise LakeError(
        "Other writers held the list of merges all the time.",
        remedy="Try again in a moment; nothing was merged.",
        code="lake.crowded",
    )


def _shown(lake: Lake, version: int) -> None:
    """Let readers see the version; one that a process that died had written is shown with the next."""
    newest = snapshots.newest(lake)
    if newest.versions.get(SHAPE.name, -1) < version:
        snapshots.republish(lake, {SHAPE.name: version})


def _row(line: Identity) -> Any:
    """The stored row, as an Arrow table."""
    return SHAPE.one_row(
        {
            "turn": line.turn,
            "table_name": line.table,
            "act": line.act,
            "other_id": line.other_id,
            "kept_id": line.kept_id,
            "by_said": line.by_said,
            "why_said": line.why_said,
            "entered_at": line.entered_at,
            "evidence": json.dumps(line.evidence),
        }
    )
