"""The ledger of imports: which files came in, when, as which number, and what became of their rows.

A Delta table beside the facts. A row says that an import reached a state; the newest row of an import is
its present one: claimed -> done, or claimed -> dropped when its process died before it had kept the input.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from deltalake import DeltaTable

from tenure.kernel import clock
from tenure.kernel.errors import Bug, LakeError
from tenure.lake.commit import TRIES, append, back_off, settle, turn_of
from tenure.lake.lake import Lake
from tenure.lake.shape import Shape

State = Literal["claimed", "done", "dropped"]

SHAPE = Shape(
    "imports",
    {
        "turn": "BIGINT",
        "number": "BIGINT",
        "import_id": "VARCHAR",
        "state": "VARCHAR",
        "recipe": "VARCHAR",
        "written_at": "TIMESTAMP",
        "files": "VARCHAR",
        "summary": "VARCHAR",
        "how": "VARCHAR",
    },
    pruned=("turn",),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One import as the ledger knows it now.

    `number` counts imports for people. `recipe` is the digest of mapping and settings, `files` maps each
    file's digest to its name, `summary` is what the import reported when it was done, `how` the mapping and
    the settings it was done with (`intake.how_said` reads them; empty for imports of earlier versions).
    """

    import_id: str
    number: int
    state: State
    recipe: str
    written_at: datetime
    files: dict[str, str] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    how: dict[str, Any] = field(default_factory=dict)


def entries(lake: Lake) -> dict[str, Entry]:
    """Every import by its id, in the order of their numbers."""
    handle = lake.handle(SHAPE.name)
    return {} if handle is None else entries_in(handle)


def entries_in(handle: DeltaTable) -> dict[str, Entry]:
    """As `entries`, of the ledger as one handle shows it."""
    stored = {field.name for field in handle.schema().fields}
    columns = [name for name in SHAPE.columns if name in stored]  # `how` came later
    found = handle.scan(columns=columns).read_all()
    held: list[list[Any]] = [list(found[name].to_pylist()) for name in columns]
    if "how" not in stored:
        held.append([None] * len(held[0]))
    newest: dict[str, Entry] = {}
    rows = sorted(zip(*held, strict=True), key=lambda row: row[0])
    for _, number, import_id, state, recipe, written_at, files, summary, how in rows:
        newest[import_id] = Entry(
            import_id,
            number,
            state,
            recipe,
            written_at.astimezone(UTC),
            json.loads(files),
            json.loads(summary),
            json.loads(how or "{}"),
        )
    return dict(sorted(newest.items(), key=lambda item: item[1].number))


def imported(lake: Lake, recipe: str) -> dict[str, Entry]:
    """File digest -> the first import that has done it in the same way (mapping, settings)."""
    found: dict[str, Entry] = {}
    for entry in entries(lake).values():
        if entry.state == "done" and entry.recipe == recipe:
            for digest in entry.files:
                found.setdefault(digest, entry)
    return found


def claim(lake: Lake, import_id: str, *, recipe: str, files: Mapping[str, str]) -> Entry:
    """The import's entry, made now with the next number unless it has one already."""
    return _write(lake, import_id, "claimed", {"recipe": recipe, "files": dict(files)})


def finish(
    lake: Lake, import_id: str, summary: Mapping[str, Any], *, how: Mapping[str, Any] | None = None
) -> Entry:
    """The import's entry as done; a second call changes nothing."""
    return _write(lake, import_id, "done", {"summary": dict(summary), "how": dict(how or {})})


def drop(lake: Lake, import_id: str) -> Entry:
    """The import's entry as dropped: its process died before the input was kept."""
    return _write(lake, import_id, "dropped", {})


def _write(lake: Lake, import_id: str, state: State, said: Mapping[str, Any]) -> Entry:
    """Append the state, looking at the ledger through the handle that is written."""
    for attempt in range(TRIES):
        handle = lake.ready(SHAPE)
        known = entries_in(handle)
        before = known.get(import_id)
        if before is not None and (before.state == state or before.state == "done"):
            return before
        if before is None and state != "claimed":
            raise Bug(f"The import `{import_id}` is in no ledger, so it cannot be {state}.")
        # The number of a dropped import is free again: nobody was told of it.
        taken = [one.number for one in known.values() if one.state != "dropped"]
        keeps = before is not None and before.state != "dropped"
        number = before.number if before and keeps else max(taken, default=0) + 1
        entry = Entry(
            import_id,
            number,
            state,
            said.get("recipe", before.recipe if before else ""),
            clock.now(),
            said.get("files", before.files if before else {}),
            said.get("summary", {}),
            said.get("how", {}),
        )
        rows = _row(entry, turn_of(handle, SHAPE.name) + 1)
        version = append(lake, handle, SHAPE, rows, marks=[], details={})
        if version is not None:
            settle(lake, SHAPE, version)
            return entry
        back_off(attempt)
    raise LakeError(
        "Other writers held the ledger all the time.",
        remedy="Try again in a moment.",
        code="lake.crowded",
    )


def _row(entry: Entry, turn: int) -> Any:
    """The stored row, as an Arrow table."""
    return SHAPE.one_row(
        {
            "turn": turn,
            "number": entry.number,
            "import_id": entry.import_id,
            "state": entry.state,
            "recipe": entry.recipe,
            "files": json.dumps(entry.files),
            "summary": json.dumps(entry.summary),
            "how": json.dumps(entry.how),
            "written_at": entry.written_at,
        }
    )
