"""Files given in the browser, imported beside the requests: progress that any process can tell, finished by any after a kill."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from uuid import uuid4

from django.db import connections, transaction

from tenure.desk.home import home
from tenure.desk.map_files import files_in, save_mapping
from tenure.desk.models import Person, State, Upload
from tenure.desk.uploads import folder_of, mapping_of, note, paths_of
from tenure.facts.preview import Preview
from tenure.kernel import clock
from tenure.kernel.errors import TenureError, UserError
from tenure.lake.durable import remove_folder, sync
from tenure.workspace import Workspace

log = logging.getLogger("tenure.desk")

TOLD_EVERY = 0.5
"""Seconds between two words about progress."""
STEPS = {"keep": "copying", "read": "reading and checking", "commit": "writing", "done": "done"}
LOCK = ".importing"
_running: dict[str, threading.Thread] = {}


def preview_of_upload(upload: Upload) -> Preview:
    """What importing it would do now; nothing is written.

    Raises:
        UserError: the files were removed, or the mapping does not load.
    """
    files, mapping = paths_of(upload), mapping_of(upload)
    workspace = Workspace.open(home().folder)
    return workspace.preview_files(
        files, mapping, source=upload.source, corrects=_corrected(upload)
    )


def import_upload(person: Person, upload: Upload) -> Upload:
    """Start the import, beside the request; asked for twice it runs once. Its mapping is the source's from now on.

    Raises:
        UserError: nobody claims any of the files, they were removed, or a later import of the source came first.
    """
    mapping = mapping_of(upload)
    if not any(file.is_claimed for file in files_in(upload, mapping)):
        raise UserError(
            "Nothing is to be read from these files.",
            remedy="Choose what each of them holds.",
            code="upload.nothing",
        )
    _check_newest(upload)
    with transaction.atomic():
        started = Upload.objects.filter(pk=upload.pk, state__in=(State.OPEN, State.FAILED)).update(
            state=State.COMMITTING, step="", share=0.0, said=""
        )
        if started:
            note(person, "import files", upload, {"corrects": upload.corrects})
    if started and upload.mapping_text and mapping is not None:
        save_mapping(person, mapping, upload.source)
    upload.refresh_from_db()
    carry_on(upload)
    return upload


def carry_on(upload: Upload) -> None:
    """Let an import go on whose process died; one that runs, here or elsewhere, is left alone."""
    if upload.state != State.COMMITTING:
        return
    key = str(upload.pk)
    running = _running.get(key)
    if running is not None and running.is_alive():
        return
    thread = threading.Thread(target=_run, args=(key,), name=f"import {key[:8]}", daemon=True)
    _running[key] = thread
    thread.start()


def carry_on_all() -> None:
    """As `carry_on`, for every import that began and has not ended."""
    for upload in Upload.objects.filter(state=State.COMMITTING):
        carry_on(upload)


def until_done(upload: Upload, seconds: float = 60.0) -> Upload:
    """The upload once its import here has ended; for tests."""
    thread = _running.get(str(upload.pk))
    if thread is not None:
        thread.join(seconds)
    upload.refresh_from_db()
    return upload


def correct(person: Person, number: int) -> Upload:
    """A new upload of the same files that will replace what import `number` brought, once it is read rightly.

    Raises:
        UserError: its files were not given in the browser or are gone, or a later import of the source came.
    """
    done: Upload | None = Upload.objects.filter(number=number, state=State.DONE).first()
    if done is None:
        raise UserError(
            f"The files of import {number} are not here: they came by the command line.",
            remedy=f"Correct the mapping, then: tenure import FOLDER --mapping NAME --corrects {number}",
            code="upload.elsewhere",
        )
    files = paths_of(done)
    fresh = Upload(
        id=uuid4(), by=person, source=done.source, files=done.files, mapping_id=done.mapping_id,
        mapping_text=done.mapping_text, corrects=number,
    )  # fmt: skip
    _check_newest(fresh)
    folder = folder_of(fresh.pk)
    folder.mkdir(parents=True)
    try:
        for path, _ in files:
            shutil.copyfile(path, folder / path.name)
            (folder / path.name).chmod(0o600)
        sync([*(folder / path.name for path, _ in files), folder, folder.parent])
    except BaseException:
        remove_folder(folder)
        raise
    with transaction.atomic():
        fresh.save(force_insert=True)
        note(person, "correct import", fresh, {"import": number})
    return fresh


def _check_newest(upload: Upload) -> None:
    """An older delivery said anew would be taken for the newest: only the source's last one can be corrected."""
    if upload.corrects is None:
        return
    with home().workspace() as workspace:
        later = [
            one.number
            for feed in workspace.feeds()
            if feed.name == upload.source
            for one in feed.imports
            if one.number > upload.corrects and (one.loaded or one.replaced)
        ]
    corrected = set(
        Upload.objects.filter(corrects__isnull=False, number__isnull=False).values_list(
            "number", flat=True
        )
    )
    if later and not set(later) <= corrected:
        raise UserError(
            f"Import {max(later)} of `{upload.source}` came after import {upload.corrects}.",
            remedy=f"Correct import {max(later)}, which is the newest; older rows that it holds too are corrected with it.",
            code="upload.older",
        )


def _corrected(upload: Upload) -> tuple[int, ...]:
    return () if upload.corrects is None else (upload.corrects,)


def _run(key: str) -> None:
    try:
        upload = Upload.objects.get(pk=key)
        with _alone(upload) as free:
            if free:
                upload.refresh_from_db()
                if upload.state == State.COMMITTING:
                    _imported(upload)
    except Exception:  # at the edge of a thread: the state stays, and the next look carries on
        log.exception("The import of an upload could not be carried on.")
    finally:
        connections.close_all()


@contextmanager
def _alone(upload: Upload) -> Iterator[bool]:
    """Hold the upload's lock, which dies with its process; says whether it was free."""
    handle = os.open(folder_of(upload.pk) / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _imported(upload: Upload) -> None:
    told = 0.0

    def tell(step: str, share: float) -> None:
        nonlocal told
        if monotonic() - told > TOLD_EVERY:
            Upload.objects.filter(pk=upload.pk).update(step=step, share=share)
            told = monotonic()

    try:
        summary = Workspace.open(home().folder).import_files(
            paths_of(upload), mapping_of(upload), source=upload.source,
            corrects=_corrected(upload), on_progress=tell,
        )  # fmt: skip
    except TenureError as error:
        log.warning("An upload was refused: %s", error.code)
        _ended(upload, State.FAILED, said=str(error))
    except Exception:
        number = uuid4().hex[:8]
        log.exception("An import failed, reference %s", number)
        _ended(
            upload, State.FAILED,
            said=f"Our own mistake, reference {number} in the log. Nothing is half in: try again.",
        )  # fmt: skip
    else:
        again = "Every file had come before; nothing was changed." if summary.already else ""
        _ended(upload, State.DONE, said=again, number=summary.number)


def _ended(upload: Upload, state: State, *, said: str = "", number: int | None = None) -> None:
    Upload.objects.filter(pk=upload.pk).update(
        state=state, step="done", share=1.0, said=said, number=number, ended_at=clock.now()
    )
