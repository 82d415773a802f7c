"""The input of an unfinished import, kept until it is done, so that any later process can finish it.

`intake/<import id>/` holds copies of the files (rows given from Python as JSON lines, Arrow as Parquet) and,
written last, `manifest.json`: a folder without one was never complete. `committing` appears under the
writer's lock before the first table is touched: found there by the next writer, its import is half in.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from arro3.core import Table as ArrowTable

from tenure.facts.connection import connect
from tenure.facts.finding import Finding
from tenure.facts.given import Given
from tenure.facts.mapping import Mapping as FactMapping
from tenure.facts.mapping import read_mapping
from tenure.facts.reading import Reading, Settings
from tenure.facts.sources.bulk import REWRITTEN
from tenure.facts.sources.reduced import Reduced
from tenure.facts.sources.rows import text_of
from tenure.facts.sql import literal
from tenure.kernel import clock
from tenure.kernel.errors import SourceError
from tenure.kernel.points import point
from tenure.lake.durable import (
    disk_trouble_explained,
    remove_folder,
    replace_json,
    require_space,
    sync,
)
from tenure.lake.lake import Lake

MANIFEST = "manifest.json"
COMMITTING = "committing"
CHUNK = 1 << 20
ABANDONED_SECONDS = 24 * 60 * 60
"""No reading of one file takes that long: what is older in the spill folder belongs to nobody."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be imported and how: all that a replay needs."""

    import_id: str
    number: int
    loaded_at: datetime
    recipe: str
    given: tuple[Given, ...]
    mapping: FactMapping | None
    settings: Settings
    complete: bool = False
    withdrawing: bool = False
    remarks: tuple[Finding, ...] = ()
    corrects: tuple[str, ...] = ()


def lock_of(import_id: str) -> str:
    """The lock file an import works under; a fixed few, so that none must ever be removed."""
    return f".import-{import_id[:2]}"


def keep(lake: Lake, order: Order, *, reserve_mb: int) -> Order:
    """The order with its inputs copied and on disk; an order kept before is given as it was kept.

    Raises:
        LakeError: no space for it. SourceError: a file changed while it was copied.
    """
    folder = lake.intake / order.import_id
    if (folder / MANIFEST).exists():
        return read(lake, order.import_id)
    require_space(lake.root, _payload(order.given), reserve_mb=reserve_mb)
    with disk_trouble_explained(lake.root):
        remove_folder(folder)
        folder.mkdir()
        kept = []
        for number, given in enumerate(order.given, start=1):
            point("intake.before_copy")
            kept.append(
                {
                    "name": given.name,
                    "table": given.table,
                    "digest": given.digest,
                    "sheet": given.sheet,
                    **_copy(given, folder, number),
                }
            )
            point("intake.after_copy")
        sync([*(folder / str(one["stored"]) for one in kept), folder, lake.intake])
        replace_json(folder / MANIFEST, _written(order) | {"given": kept})
    point("intake.kept")
    return read(lake, order.import_id)


def read(lake: Lake, import_id: str) -> Order:
    """The order that was kept under that id, its files being the copies."""
    folder = lake.intake / import_id
    said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    mapping, settings = how_said(said)
    return Order(
        import_id,
        said["number"],
        datetime.fromisoformat(said["loaded_at"]),
        said["recipe"],
        tuple(_given(folder, one) for one in said["given"]),
        mapping,
        settings,
        said["complete"],
        bool(said.get("withdrawing", False)),
        tuple(Finding(**one) for one in said["remarks"]),
        tuple(said.get("corrects", ())),  # an intake of an earlier version has none
    )


def waiting(lake: Lake) -> list[str]:
    """Ids of complete intakes, oldest import first."""
    numbers = {}
    for folder in lake.intake.iterdir():
        with contextlib.suppress(
            FileNotFoundError, NotADirectoryError
        ):  # done and gone meanwhile, or never whole
            numbers[folder.name] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))[
                "number"
            ]
    return sorted(numbers, key=lambda name: numbers[name])


def incomplete(lake: Lake) -> list[str]:
    """Ids whose input was not kept whole."""
    folders = [f for f in lake.intake.iterdir() if f.is_dir() and not f.name.startswith(".")]
    return sorted(f.name for f in folders if not (f / MANIFEST).exists())


def sweep(lake: Lake) -> None:
    """Take away what a kill left: folders that were being removed, and files written out to be read."""
    for folder in lake.intake.glob(".gone-*"):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in lake.spill.glob(f"{REWRITTEN}*"):
        with contextlib.suppress(FileNotFoundError):
            if clock.now().timestamp() - folder.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


def half_done(lake: Lake) -> list[str]:
    """Ids of imports whose tables may be half written, oldest first."""
    return [name for name in waiting(lake) if (lake.intake / name / COMMITTING).exists()]


def mark_committing(lake: Lake, import_id: str) -> None:
    """From here on the tables may hold a part of the import."""
    folder = lake.intake / import_id
    (folder / COMMITTING).touch()
    sync([folder / COMMITTING, folder])


def forget(lake: Lake, import_id: str) -> None:
    """No intake of that import any more."""
    remove_folder(lake.intake / import_id)


def _payload(given: Sequence[Given]) -> int:
    return sum(
        one.path.stat().st_size for one in given if one.path is not None and one.path.exists()
    )


def _written(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "loaded_at": order.loaded_at.isoformat(),
        "recipe": order.recipe,
        **how_of(order),
        "complete": order.complete,
        "corrects": list(order.corrects),
        "withdrawing": order.withdrawing,
        "remarks": [asdict(one) for one in order.remarks],
    }


def how_of(order: Order) -> dict[str, Any]:
    """The mapping and the settings as plain JSON: what reading its rows again needs."""
    mapping = order.mapping
    return {
        "mapping": {"id": mapping.id, "content": mapping.content} if mapping else None,
        "settings": _plain(order.settings),
    }


def how_said(said: Mapping[str, Any]) -> tuple[FactMapping | None, Settings]:
    """The mapping and the settings that `how_of` wrote."""
    mapping = said["mapping"]
    chosen = None
    if mapping:
        chosen = read_mapping(mapping["content"], name=f"{mapping['id']}.toml", id=mapping["id"])
    return chosen, _settings(said["settings"])


def _plain(settings: Settings) -> dict[str, Any]:
    return {
        "time_zone": settings.time_zone,
        "source": settings.source,
        "reading": asdict(settings.reading),
        "files": {name: asdict(reading) for name, reading in settings.files.items()},
    }


def _settings(said: Mapping[str, Any]) -> Settings:
    return Settings(
        time_zone=said["time_zone"],
        source=said["source"],
        reading=_reading(said["reading"]),
        files={name: _reading(one) for name, one in said["files"].items()},
    )


def _reading(said: Mapping[str, Any]) -> Reading:
    values: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in said.items()}
    return Reading(**values)


def _copy(given: Given, folder: Path, number: int) -> dict[str, Any]:
    """Copy one input; how it was stored and under what name."""
    if given.path is not None:
        stored = f"{number:04d}-{given.path.name}"
        if not given.is_of(_copy_file(given.path, folder / stored)):
            raise SourceError(
                f"The file `{given.name}` changed while it was read.",
                remedy="Wait until it is written, then import again.",
                code="file.changed",
            )
        return {"stored": stored, "form": "file"}
    if isinstance(given.rows, Reduced):
        stored = _copy_arrow(given.rows.cells, folder, number)
        return {"stored": stored, "form": "reduced", "reduced": given.rows.said()}
    if hasattr(given.rows, "__arrow_c_stream__") and not hasattr(given.rows, "iloc"):
        return {"stored": _copy_arrow(given.rows, folder, number), "form": "arrow"}
    stored = f"{number:04d}.jsonl"
    with (folder / stored).open("w", encoding="utf-8") as file:
        for row in _rows(given.rows):
            file.write(json.dumps(row, ensure_ascii=True) + "\n")
    return {"stored": stored, "form": "rows"}


def _copy_arrow(rows: Any, folder: Path, number: int) -> str:
    """The name under which the rows are stored as Parquet."""
    stored = f"{number:04d}.parquet"
    with connect(threads=1) as connection:
        connection.register("given_rows", rows)
        connection.execute(f"copy given_rows to {literal(str(folder / stored))} (format parquet)")
    return stored


def _copy_file(source: Path, target: Path) -> str:
    """The digest of what was copied."""
    digest = hashlib.sha256()
    with source.open("rb") as reading, target.open("wb") as writing:
        while chunk := reading.read(CHUNK):
            digest.update(chunk)
            writing.write(chunk)
    return digest.hexdigest()


def _rows(rows: Any) -> Iterator[dict[str, str | None]]:
    """Rows of a list of mappings or a pandas frame, every value as its text."""
    if hasattr(rows, "iloc"):
        names = [str(name) for name in rows.columns]
        missing = rows.isna()
        for i in range(len(rows)):
            yield {
                name: None if missing.iat[i, j] else text_of(rows.iat[i, j])
                for j, name in enumerate(names)
            }
        return
    for row in rows:
        yield {str(name): text_of(value) for name, value in row.items()}


def _given(folder: Path, said: Mapping[str, Any]) -> Given:
    stored = folder / said["stored"]
    path: Path | None = None
    rows: object | None = None
    if said["form"] == "file":
        path = stored
    elif said["form"] in ("arrow", "reduced"):
        with connect(threads=1) as connection:
            cells = connection.sql(f"from read_parquet({literal(str(stored))})")
            reduced = said.get("reduced")
            rows = Reduced.from_said(reduced, cells) if reduced else ArrowTable.from_arrow(cells)
    else:
        rows = [json.loads(line) for line in stored.read_text(encoding="utf-8").splitlines()]
    return Given(said["name"], path, rows, said["table"], said["digest"], said.get("sheet", ""))
