"""Files given in the browser: kept under names of our own, read as somebody chose, removed when nobody needs them.

Nothing that Tenure does not store lies on this disk when `receive` returns: columns of such kinds are taken out first,
and people's time is not taken at all (decision: uploads-are-kept-for-a-month).
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import IO, Any
from uuid import UUID, uuid4

from django.db import transaction

from tenure.desk.home import home
from tenure.desk.models import AuditEntry, Person, State, Upload
from tenure.facts.collected import without_refused
from tenure.facts.discover import surveyed_files, table_named
from tenure.facts.given import Given
from tenure.facts.mapping import Mapping as SourceMapping
from tenure.facts.mapping import find_mapping, read_mapping
from tenure.facts.not_stored import dropped
from tenure.facts.reading import Settings as ImportSettings
from tenure.facts.sources.read import EXPORT_ENDING, OTHER_WORKBOOKS, READERS, ending
from tenure.facts.sources.reduced import Reduced
from tenure.facts.table import shapes
from tenure.kernel import clock
from tenure.kernel.errors import TenureError, UserError
from tenure.lake.durable import disk_trouble_explained, remove_folder, require_space, sync

FOLDER = "uploads"
KEPT = timedelta(days=30)
"""How long files stay after their import, so that a corrected reading can be applied to them."""
WAITS = timedelta(days=7)
"""How long files stay that nobody imported."""
ABANDONED = timedelta(days=1)
MOST_FILES = 40
NAME_LETTERS = 200
_SOURCE = re.compile(r"[\w][\w .&+/-]{0,79}")


class NoSuchUpload(TenureError):
    """There is none of that name, or none for this person."""

    code = "upload.absent"


def receive(
    person: Person, files: Sequence[tuple[str, IO[bytes]]], *, source: str, key: UUID | None = None
) -> Upload:
    """The upload of these files, each a name and its bytes; sent twice under one `key` it is one upload.

    Raises:
        UserError: no file, too many or too large ones, a kind that is not read here, people's time, an empty file, or
            a source without a name. Nothing of them stays.
        LakeError: no space.
    """
    number = key or uuid4()
    found: Upload | None = Upload.objects.filter(pk=number).first()
    if found is not None:
        return upload_of(person, number)
    _check(files, source)
    sweep()
    coming = folder_of(number).with_name(f".coming-{uuid4()}")
    with disk_trouble_explained(home().folder):
        coming.mkdir(parents=True)
        coming.parent.chmod(0o700)
        try:
            kept = _stored(coming, files)
        except BaseException:
            remove_folder(coming)
            raise
    with transaction.atomic():
        said = {"by": person, "source": source.strip(), "files": kept}
        upload, is_new = Upload.objects.get_or_create(id=number, defaults=said)
        if is_new:
            remove_folder(folder_of(number))  # of a process that died here
            coming.rename(folder_of(number))
            note(person, "give files", upload, {"files": [one["name"] for one in kept]})
    if not is_new:  # the same click, twice at once
        remove_folder(coming)
        return upload_of(person, number)
    sync([coming.parent])
    return upload


def upload_of(person: Person, number: UUID) -> Upload:
    """The upload; only ops and whoever gave the files see it (decision: values-are-for-ops-and-whoever-gave-them).

    Raises:
        NoSuchUpload: it is not there, or not for this person.
    """
    found: Upload | None = Upload.objects.select_related("by").filter(pk=number).first()
    if found is None or not sees_values(person, found):
        raise NoSuchUpload(f"There is no upload `{number}`.")
    return found


def sees_values(person: Person, upload: Upload | None) -> bool:
    """Whether the person may read what stands in rows that came by this upload; None: by no upload."""
    return person.role == "ops" or (upload is not None and upload.by_id == person.pk)


def paths_of(upload: Upload) -> list[tuple[Path, str]]:
    """Each file's place with the name it goes by.

    Raises:
        UserError: the files were removed.
    """
    folder = folder_of(upload.pk)
    files = [(folder / one["stored"], one["name"]) for one in upload.files]
    if upload.gone_at is not None or not all(path.exists() for path, _ in files):
        raise UserError(
            "The files are no longer here.",
            remedy=f"Files are kept for {KEPT.days} days after their import. Give them again.",
            code="upload.gone",
        )
    return files


def folder_of(number: UUID) -> Path:
    """Where the files of an upload lie."""
    return Path(home().folder) / FOLDER / str(number)


def mapping_of(upload: Upload) -> SourceMapping | None:
    """How the files are read; None: they are named after the canonical tables.

    Raises:
        UserError: the mapping does not load.
    """
    if upload.mapping_text:
        name = upload.mapping_id or slug(upload.source)
        return read_mapping(upload.mapping_text, name=f"mappings/{name}.toml", id=name)
    if upload.mapping_id:
        return find_mapping(upload.mapping_id, own=own_folder())
    return None


def own_folder() -> Path:
    """The workspace's own mappings."""
    return Path(home().folder) / "catalogue" / "mappings"


def slug(source: str) -> str:
    """The name under which the mapping of a source is saved."""
    return re.sub(r"[^a-z0-9]+", "_", source.lower()).strip("_") or "source"


def discard(person: Person, upload: Upload) -> None:
    """Remove the files of an upload that nobody imported.

    Raises:
        UserError: it was imported, or is being imported.
    """
    if upload.state not in (State.OPEN, State.FAILED):
        raise UserError(
            "These files are imported, or are being imported.",
            remedy="Open the source to correct how they were read.",
            code="upload.state",
        )
    with transaction.atomic():
        note(person, "discard files", upload, {})
        _remove(upload)


def sweep() -> int:
    """How many uploads lost their files because nobody needs them any more."""
    now, gone = clock.now(), 0
    for upload in Upload.objects.filter(gone_at__isnull=True).exclude(state=State.COMMITTING):
        since, kept = (upload.ended_at, KEPT) if upload.state == State.DONE else (upload.at, WAITS)
        if since is not None and now - since > kept:
            _remove(upload)
            gone += 1
    _sweep_strangers()
    return gone


def _sweep_strangers() -> None:
    """Folders of processes that died before anybody was told of their files."""
    root = Path(home().folder) / FOLDER
    known = {str(number) for number in Upload.objects.values_list("pk", flat=True)}
    for folder in root.glob("*") if root.exists() else ():
        old = clock.now().timestamp() - folder.stat().st_mtime > ABANDONED.total_seconds()
        if old and folder.name not in known:
            remove_folder(folder)


def _remove(upload: Upload) -> None:
    remove_folder(folder_of(upload.pk))
    upload.gone_at = clock.now()
    upload.save(update_fields=["gone_at"])


def note(person: Person, verb: str, upload: Upload, content: dict[str, Any]) -> None:
    """The act in the audit trail, under the upload's source."""
    AuditEntry.objects.create(
        by=person,
        verb=verb,
        about=f"source {upload.source}",
        content={"upload": str(upload.pk)} | content,
    )


def _check(files: Sequence[tuple[str, IO[bytes]]], source: str) -> None:
    if not files:
        raise _refused("files", "No file was chosen.", "Choose one or several.", code="upload.none")
    if len(files) > MOST_FILES:
        raise _refused(
            "files", f"{len(files)} files are too many at once.", f"Give {MOST_FILES} at most.",
            code="upload.many",
        )  # fmt: skip
    if not _SOURCE.fullmatch(source.strip()):
        raise _refused(
            "source", f"`{source[:40]}` is no name for a source.",
            "Use letters, digits, blanks and dashes, 80 at most.", code="upload.source",
        )  # fmt: skip
    names = [name_given(name) for name, _ in files]
    for name in names:
        _check_kind(name)
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        raise _refused(
            "files",
            f"Two files are called `{twice}`.",
            "Give each its own name.",
            code="upload.twice",
        )


def name_given(name: str) -> str:
    """The file's own name: no folder, nothing that is no letter to a person, not too long."""
    last = re.split(r"[/\\]", name)[-1]
    plain = re.sub(
        r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\ud800-\udfff!]", "_", last
    ).strip(" .")
    kind = ending(plain) + (".gz" if plain.lower().endswith(".gz") else "")
    return plain if len(plain) <= NAME_LETTERS else plain[: NAME_LETTERS - len(kind)] + kind


def _check_kind(name: str) -> None:
    kind = ending(name)
    if kind == EXPORT_ENDING or table_named(name) in shapes():
        raise _refused(
            "files", f"`{name}` looks like people's time, which is never kept on this machine as it comes.",
            "Sum it up where it was made: `tenure time summarise`; then import the weekly totals.",
            code="upload.time",
        )  # fmt: skip
    if kind in OTHER_WORKBOOKS:
        raise _refused(
            "files", f"`{name}`: workbooks that end in `{kind}` cannot be read.",
            "Save it as .xlsx, or export the sheets as CSV.", code="upload.kind",
        )  # fmt: skip
    if kind not in READERS:
        raise _refused(
            "files", f"`{name}` is of a kind that is not read here.",
            "Give CSV, TSV, JSON Lines, Parquet or .xlsx; text may be gzipped.", code="upload.kind",
        )  # fmt: skip


def _stored(folder: Path, files: Sequence[tuple[str, IO[bytes]]]) -> list[dict[str, Any]]:
    limit = home().upload_mb << 20
    kept, whole = [], 0
    for number, (given, stream) in enumerate(files, start=1):
        name = name_given(given)
        stored = f"{number:04d}{ending(name)}{'.gz' if name.lower().endswith('.gz') else ''}"
        require_space(folder, getattr(stream, "size", 0) or 0)
        digest, size = _written(folder / stored, stream, limit - whole)
        whole += size
        if not size:
            raise _refused(
                "files",
                f"`{name}` is empty.",
                "Export it again, or leave it out.",
                code="upload.empty",
            )
        kept.append(
            {"name": name, "stored": stored, "bytes": size, "digest": digest, "dropped": ""}
        )
    kept = [part for one in kept for part in _without_refused(folder, one)]
    sync([*(folder / str(one["stored"]) for one in kept), folder, folder.parent])
    return kept


def _written(target: Path, stream: IO[bytes], room: int) -> tuple[str, int]:
    """The digest and size of what was written, piece by piece."""
    digest, size = hashlib.sha256(), 0
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        for piece in _pieces(stream):
            size += len(piece)
            if size > room:
                raise _refused(
                    "files", f"The files are larger than {home().upload_mb} MB together.",
                    "Give fewer at once, raise `upload_mb` in tenure.toml, or use `tenure import` on the machine.",
                    code="upload.large",
                )  # fmt: skip
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest(), size


def _pieces(stream: IO[bytes]) -> Iterable[bytes]:
    while piece := stream.read(1 << 18):
        yield piece


def _without_refused(folder: Path, one: dict[str, Any]) -> list[dict[str, Any]]:
    """The file; or, where it holds columns that Tenure does not store, what is left of it as CSV, per sheet."""
    path = folder / one["stored"]
    settings = ImportSettings(time_zone=home().time_zone, source="upload")
    found = surveyed_files([(path, one["name"])], None)
    parts = [*found.given, *found.unclaimed]
    given = [part if part.digest else replace(part, digest=one["digest"]) for part in parts]
    if any(part.table in shapes() for part in given):
        raise _refused(
            "files", f"`{one['name']}` holds people's time, which is never kept on this machine as it comes.",
            "Sum it up where it was made: `tenure time summarise`; then import the weekly totals.",
            code="upload.time",
        )  # fmt: skip
    left = without_refused(given, mapping=None, settings=settings)
    if not any(isinstance(part.rows, Reduced) for part in left):
        return [one]
    kept = []
    for number, part in enumerate(left, start=1):
        if isinstance(part.rows, Reduced):
            kept.append(_rewritten(folder, one, part, part.rows, number))
        elif part.sheet:
            raise _refused(
                "files", f"A sheet of `{one['name']}` holds columns that Tenure does not store.",
                "Take those columns out, or give each sheet as a CSV file.", code="upload.sheet",
            )  # fmt: skip
    path.unlink()
    return kept


def _rewritten(
    folder: Path, one: dict[str, Any], part: Given, left: Reduced, number: int
) -> dict[str, Any]:
    if left.stopped is not None:
        said = left.stopped
        raise _refused("files", f"`{part.name}`: {said.says}", said.remedy, code=said.rule)
    if left.refused:
        raise _refused(
            "files", f"`{part.name}` holds columns that Tenure does not store, and rows that do not fit its header.",
            "Mend the rows, or take those columns out; then nothing of them need be kept.", code="upload.rows",
        )  # fmt: skip
    stored = f"{one['stored'].split('.')[0]}-{number}.csv"
    columns = [left.cells[f"c{i}"].to_pylist() for i in range(len(left.headers))]
    with (folder / stored).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(left.headers)
        writer.writerows(zip(*columns, strict=True))
    name = part.name if not part.sheet else part.name + ".csv"
    name = name if ending(name) == ".csv" else f"{name.split('.')[0]}.csv"
    says = next((f.says for f in left.findings if f.rule == "column.refused"), dropped(()))
    size = (folder / stored).stat().st_size
    return {"name": name, "stored": stored, "bytes": size, "digest": part.digest, "dropped": says}


def _refused(where: str, what: str, remedy: str, *, code: str) -> UserError:
    return UserError(what, remedy=remedy, where=where, code=code)
